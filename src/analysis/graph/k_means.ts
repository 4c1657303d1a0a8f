import { RandomStream } from "../../base/random.ts";

/** Searches from different centres; the one with the smallest sum of squared distances counts. */
const searches = 10;
const mostRounds = 100;

/**
 * Divides points into groups by k-means: centres drawn as D. Arthur and S. Vassilvitskii do ("k-means++", 2007), then rounds as
 * S. Lloyd's (1982), the best of ten searches. The random numbers are the same every time.
 * @param points `[point][coordinate]`, row by row
 * @param groups from 1, at most the number of points
 * @returns the group of each point
 */
export function kMeans(points: Float64Array, coordinates: number, groups: number): Uint32Array {
  const count = points.length / coordinates;
  let best = new Uint32Array(count);
  let least = Number.POSITIVE_INFINITY;
  for (let search = 0; search < searches; search++) {
    const random = new RandomStream(search, "clusterStart");
    const centres = drawnCentres(points, coordinates, groups, random);
    const groupOf = new Uint32Array(count);
    let sum = Number.POSITIVE_INFINITY;
    for (let round = 0; round < mostRounds; round++) {
      const next = assign(points, coordinates, centres, groupOf);
      moveCentres(points, coordinates, centres, groupOf);
      if (next >= sum) break;
      sum = next;
    }
    if (sum < least) {
      least = sum;
      best = groupOf;
    }
  }
  return best;
}

/** The first centre is any point; each further one is a point by its squared distance from the nearest centre. */
function drawnCentres(points: Float64Array, coordinates: number, groups: number, random: RandomStream): Float64Array {
  const count = points.length / coordinates;
  const centres = new Float64Array(groups * coordinates);
  const distances = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  let chosen = Math.floor(random.nextUniform() * count);
  for (let group = 0; group < groups; group++) {
    centres.set(points.subarray(chosen * coordinates, (chosen + 1) * coordinates), group * coordinates);
    let sum = 0;
    for (let point = 0; point < count; point++) {
      distances[point] = Math.min(distances[point], squared(points, point, centres, group, coordinates));
      sum += distances[point];
    }
    let rest = random.nextUniform() * sum;
    chosen = 0;
    while (chosen < count - 1 && rest >= distances[chosen]) rest -= distances[chosen++];
  }
  return centres;
}

/** Assigns each point to its nearest centre, the first of equal ones; the sum of squared distances. */
function assign(points: Float64Array, coordinates: number, centres: Float64Array, groupOf: Uint32Array): number {
  const groups = centres.length / coordinates;
  let sum = 0;
  for (let point = 0; point < groupOf.length; point++) {
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let group = 0; group < groups; group++) {
      const distance = squared(points, point, centres, group, coordinates);
      if (distance < least) {
        least = distance;
        nearest = group;
      }
    }
    groupOf[point] = nearest;
    sum += least;
  }
  return sum;
}

/** Moves every centre to the mean of its points; one without points stays. */
function moveCentres(points: Float64Array, coordinates: number, centres: Float64Array, groupOf: Uint32Array): void {
  const groups = centres.length / coordinates;
  const sums = new Float64Array(centres.length);
  const counts = new Uint32Array(groups);
  groupOf.forEach((group, point) => {
    counts[group]++;
    for (let k = 0; k < coordinates; k++) sums[group * coordinates + k] += points[point * coordinates + k];
  });
  for (let group = 0; group < groups; group++) {
    if (counts[group] === 0) continue;
    for (let k = 0; k < coordinates; k++) {
      centres[group * coordinates + k] = sums[group * coordinates + k] / counts[group];
    }
  }
}

/** Squared distance of a point from a centre. */
function squared(
  points: Float64Array,
  point: number,
  centres: Float64Array,
  group: number,
  coordinates: number,
): number {
  let sum = 0;
  for (let k = 0; k < coordinates; k++)
    sum += (points[point * coordinates + k] - centres[group * coordinates + k]) ** 2;
  return sum;
}
