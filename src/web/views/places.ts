import type { NetworkPicture } from "../worker/picture.ts";

/** Where the points of a picture are at some moment: x and y of one after the other. */
export type Places = Float32Array;

const nameOf = (layer: number, id: number) => layer * 65536 + id;

/** The places of a picture's points at rest. */
export function placesOf({ points }: NetworkPicture): Places {
  const places = new Float32Array(points.id.length * 2);
  points.x.forEach((x, point) => {
    places[2 * point] = x;
    places[2 * point + 1] = points.y[point];
  });
  return places;
}

/** Where the points of one picture are in another: those that the other lacks stand where they do at rest. */
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

/** Places a share of the way from one to another. */
export function between(from: Places, to: Places, share: number): Places {
  return from.map((start, at) => start + (to[at] - start) * share);
}
