import { expect, it } from "vitest";
import { Slots } from "../../../src/engine/shared/slots.ts";

it("gives a free slot at once, and a freed one to the job with most remaining work, or the first of equals", async () => {
  const slots = new Slots(2);
  const taken: [number, number][] = [];
  const takes = [3, 1, 7, 5, 7].map((work, job) => slots.take(work).then((slot) => taken.push([job, slot])));
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  await turn();
  expect(taken).toEqual([
    [0, 0],
    [1, 1],
  ]);
  for (const slot of [1, 0, 1]) {
    slots.leave(slot);
    await turn();
  }
  await Promise.all(takes);
  expect(taken.slice(2)).toEqual([
    [2, 1],
    [4, 0],
    [3, 1],
  ]);
  slots.leave(0);
  expect(await slots.take(0)).toBe(0);
});
