import { describe, expect, it } from "vitest";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { wordsOf } from "../../src/loss/label_words.ts";
import { baselines, levelScores } from "../../src/lottery/scores.ts";
import { countedTasks } from "../dataset/counted_tasks.ts";

/** A dataset with given validation labels, one row a task. */
function labelled(tasks: string, labels: readonly ArrayLike<number>[]): Dataset {
  const samples = labels[0].length;
  const words = new Uint32Array(labels.length * samples);
  labels.forEach((row, t) => {
    words.set(Array.from(row), t * samples);
  });
  const split = { samples, features: new Float32Array(samples), labels: words };
  const [mean, scale] = [new Float32Array(1), new Float32Array(1)];
  const parsed = countedTasks(tasks);
  return {
    name: "own",
    tasks: parsed,
    coverage: "output",
    inputs: 1,
    outputs: 1,
    train: split,
    validation: split,
    mean,
    scale,
  };
}

describe("scores of a level", () => {
  // 2 of 10 samples are of class 1 of task a; task b is balanced.
  const rare = labelled("a:1:1,b:1:1", [
    [0, 0, 1, 0, 0, 0, 0, 1, 0, 0],
    [0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
  ]);

  it("a network that never says yes to a rare class has the baseline's accuracy and half of the recalls: lost", () => {
    expect(baselines(rare)).toEqual({ a: 0.8, b: 0.5 });
    expect(
      levelScores(rare, [
        [8, 0],
        [5, 4],
      ]),
    ).toEqual({
      valAccuracy: { a: 0.8, b: 0.9 },
      valBalancedAccuracy: { a: 0.5, b: 0.9 },
      lost: ["a"],
    });
  });

  it("one answer above the baseline is not lost, at it and below it is", () => {
    const lostOf = (right: number[]) => levelScores(rare, [right, [5, 5]]).lost;
    expect(lostOf([8, 1])).toEqual([]);
    expect(lostOf([7, 1])).toEqual(["a"]);
    expect(lostOf([6, 2])).toEqual(["a"]);
    expect(
      levelScores(rare, [
        [0, 0],
        [0, 5],
      ]).lost,
    ).toEqual(["a", "b"]);
  });

  it("the recall of a class that does not occur in the validation samples does not count", () => {
    const data = labelled("digit:1:4", [[0, 0, 1, 1, 1, 1, 3, 3]]);
    expect(baselines(data)).toEqual({ digit: 0.5 });
    expect(levelScores(data, [[2, 3, 0, 1]])).toEqual({
      valAccuracy: { digit: 0.75 },
      valBalancedAccuracy: { digit: (1 + 0.75 + 0.5) / 3 },
      lost: [],
    });
  });

  it("constant labels have the baseline 1, which no network exceeds", () => {
    const data = labelled("a:1:1", [[1, 1, 1]]);
    expect(baselines(data)).toEqual({ a: 1 });
    expect(levelScores(data, [[0, 3]])).toEqual({ valAccuracy: { a: 1 }, valBalancedAccuracy: { a: 1 }, lost: ["a"] });
  });

  it("a regression has the mean as its baseline, R² 0, and no balanced accuracy", () => {
    const data = labelled("a:1:1:mse,b:1:1", [wordsOf([1, 2, 3, 4]), [0, 1, 1, 1]]);
    expect(baselines(data)).toEqual({ a: 0, b: 0.75 });
    const lostAt = (squares: number) => levelScores(data, [[squares], [1, 3]]).lost;
    expect([lostAt(4.9), lostAt(5), lostAt(20)]).toEqual([[], ["a"], ["a"]]);
    expect(levelScores(data, [[1], [1, 2]])).toEqual({
      valAccuracy: { a: 0.8, b: 0.75 },
      valBalancedAccuracy: { b: (1 + 2 / 3) / 2 },
      lost: ["b"],
    });
  });
});
