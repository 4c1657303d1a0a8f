import type { NetworkPicture } from "../worker/picture.ts";

/** Coordinates of a picture's points at one moment: x and y of each point in turn. */
export type Places = Float32Array;

const nameOf = (layer: number, id: number) => layer * 65536 + id;

/** The places of a picture's points at the end of its motion. */
export function placesOf({ points }: NetworkPicture): Places {
  const places = new Float32Array(points.id.length * 2);
  points.x.forEach((x, point) => {
    places[2 * point] = x;
    places[2 * point + 1] = points.y[point];
  });
  return places;
}

/** The places that the points of a picture have in another picture, or `atRest` for points that the other lacks. */
export function placesIn(other: NetworkPicture, places: Places, { points }: NetworkPicture, atRest: Places): Places {
  const numbers = new Map(Array.from(other.points.id, (id, point) => [nameOf(other.points.layer[point], id), point]));
  const found = atRest.slice();
  points.id.forEach((id, point) => {
    const there = numbers.get(nameOf(points.layer[point], id));
    if (there === undefined) return;
    found[2 * point] = places[2 * there];
    found[2 * point + 1] = places[2 * there + 1];
  });
  return found;
}

/** Places between `from` (share 0) and `to` (share 1). */
export function between(from: Places, to: Places, share: number): Places {
  return from.map((start, at) => start + (to[at] - start) * share);
}
