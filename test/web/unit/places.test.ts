import { expect, it } from "vitest";
import { between, placesIn, placesOf } from "../../../src/web/views/places.ts";
import { networkPicture } from "../../../src/web/worker/picture.ts";
import { ticket, twoTasks } from "../../analysis/drawn.ts";

it("moves every neuron from where it was to where it will be", () => {
  const before = networkPicture(
    ticket([4, 4, 2], ["0-0 1-1 2-1 3-2", "0-0 1-0 1-1 2-1"]),
    twoTasks,
    "outputs",
    undefined,
  );
  const after = networkPicture(ticket([4, 4, 2], ["0-0 2-1 3-2", "0-0 1-1 2-1"]), twoTasks, "outputs", undefined);
  const [old, rest] = [placesOf(before), placesOf(after)];
  const from = placesIn(before, old, after, rest);
  // The points of the two pictures have different orders; a neuron is found by layer and index.
  const find = ({ points }: typeof before, layer: number, id: number) =>
    points.id.findIndex((each, point) => each === id && points.layer[point] === layer);
  const [there, here] = [find(before, 1, 2), find(after, 1, 2)];
  expect([from[2 * here], from[2 * here + 1]]).toEqual([old[2 * there], old[2 * there + 1]]);
  expect(between(from, rest, 0)).toEqual(from);
  expect(between(from, rest, 1)).toEqual(rest);
  const half = between(from, rest, 0.5);
  expect(half[2 * here]).toBeCloseTo((from[2 * here] + rest[2 * here]) / 2, 6);
});

it("lets points that were not there stand where they will", () => {
  const small = networkPicture(ticket([4, 4, 2], ["0-0", "0-0"]), twoTasks, "outputs", undefined);
  const wide = networkPicture(ticket([4, 5, 2], ["0-0 3-4", "0-0 4-1"]), twoTasks, "outputs", undefined);
  const rest = placesOf(wide);
  const from = placesIn(small, placesOf(small), wide, rest);
  const fresh = wide.points.id.findIndex((id, point) => id === 4 && wide.points.layer[point] === 1);
  expect([from[2 * fresh], from[2 * fresh + 1]]).toEqual([rest[2 * fresh], rest[2 * fresh + 1]]);
});
