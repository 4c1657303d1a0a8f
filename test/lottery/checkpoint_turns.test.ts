import { setTimeout as after } from "node:timers/promises";
import { expect, it } from "vitest";
import { CheckpointTurns } from "../../src/lottery/checkpoint_turns.ts";

it("come one after the other, with a pause by what the last one took", async () => {
  const turns = new CheckpointTurns(1, 0.2);
  const began: number[] = [];
  let atOnce = 0;
  await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise<void>((resolve) => {
          turns.queue(async () => {
            began.push(performance.now());
            expect(++atOnce).toBe(1);
            await after(10);
            atOnce--;
            resolve();
            return 20;
          });
        }),
    ),
  );
  // 10 ms of waiting, and a pause of 4 times the 20 ms.
  for (const gap of [began[1] - began[0], began[2] - began[1]]) expect(gap).toBeGreaterThan(85);
});

it("are passed on where a level leaves the queue, or has nothing to store", async () => {
  const turns = new CheckpointTurns(1);
  const stored: string[] = [];
  const turn = (name: string, ms: number) => async () => {
    stored.push(name);
    await after(1);
    return ms;
  };
  turns.queue(turn("first", 0));
  const leave = turns.queue(turn("left", 0));
  const last = new Promise<void>((resolve) => {
    turns.queue(async () => {
      resolve();
      return 0;
    });
  });
  leave();
  await last;
  expect(stored).toEqual(["first"]);
});
