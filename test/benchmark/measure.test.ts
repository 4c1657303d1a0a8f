import { describe, expect, it } from "vitest";
import { measure } from "../../src/benchmark/measure.ts";

/** A trial with a given time per repeat in ms, and a record of the requested repeats. */
function work(msPerRepeat: number) {
  const asked: number[] = [];
  const trial = async (repeats: number) => {
    asked.push(repeats);
    return repeats * msPerRepeat;
  };
  return { trial, asked };
}

describe("measure", () => {
  it("doubles repeats until a trial is long enough, then fills its time", async () => {
    const { trial, asked } = work(3);
    const spread = await measure(trial, 2, { trialMs: 20, caseMs: 100, leastTrials: 3 });
    expect(asked).toEqual([1, 2, 4, 8, 8, 8, 8, 8, 8]);
    expect(spread).toMatchObject({ median: 1.5, trials: 5 });
  });

  it("takes the least number of trials however long they are, and never more than 101", async () => {
    expect(await measure(work(500).trial, 1, { trialMs: 20, caseMs: 100, leastTrials: 3 })).toMatchObject({
      trials: 3,
    });
    expect(await measure(work(1).trial, 1, { trialMs: 1, caseMs: 1e6, leastTrials: 3 })).toMatchObject({ trials: 101 });
  });

  it("ends between two trials when it is told to", async () => {
    const controller = new AbortController();
    let trials = 0;
    const trial = async () => {
      if (++trials === 2) controller.abort(new Error("enough"));
      return 50;
    };
    const pace = { trialMs: 20, caseMs: 1e6, leastTrials: 3 };
    await expect(measure(trial, 1, pace, controller.signal)).rejects.toThrow("enough");
    expect(trials).toBe(2);
  });
});
