import { describe, expect, it } from "vitest";
import { ScoreSums } from "../../../src/engine/shared/score_sums.ts";
import { losses } from "../../../src/loss/index.ts";
import { wordsOf } from "../../../src/loss/label_words.ts";
import { addScore, scoreSumStarts } from "../../../src/loss/score_sums.ts";
import { levelScores } from "../../../src/lottery/scores.ts";

const columns = (start: number, count: number) => ({ start, count });
/** A binary task, a regression and a task of four classes; five validation samples; no sample has class 1 of four. */
const dataset = {
  name: "drawn",
  coverage: "total",
  inputs: 3,
  outputs: 6,
  mean: new Float32Array(3),
  scale: new Float32Array(3),
  tasks: [
    { name: "yes", kind: "binary", inputs: columns(0, 1), outputs: columns(0, 1) },
    { name: "size", kind: "mse", inputs: columns(1, 1), outputs: columns(1, 1) },
    { name: "kind", kind: "multiclass", inputs: columns(2, 1), outputs: columns(2, 4) },
  ],
  train: { samples: 0, features: new Float32Array(0), labels: new Uint32Array(0) },
  validation: {
    samples: 5,
    features: new Float32Array(15),
    labels: Uint32Array.of(0, 1, 1, 1, 1, ...wordsOf([0, 1, 2, 3, 4]), 0, 2, 2, 3, 3),
  },
} as const;

describe("the score sums of a network", () => {
  const sums = new ScoreSums(dataset);

  it("are two of a binary task, one of a regression, one of each class", () => {
    expect(sums.starts).toEqual([0, 2, 3, 7]);
    expect(sums.length).toBe(7);
    expect(scoreSumStarts([])).toEqual([0]);
  });

  it("are read as right answers by class, where kernels count the wrong ones, and as sums of f32", () => {
    const words = Uint32Array.of(1, 3, ...wordsOf([0.625]), 0, 0, 1, 2);
    expect(sums.read(words)).toEqual([[0, 1], [0.625], [1, 0, 1, 0]]);
    // A view that does not start its buffer.
    expect(sums.read(Uint32Array.of(9, 9, ...words).subarray(2))).toEqual(sums.read(words));
    expect(sums.read(new Uint32Array(7))).toEqual([[1, 4], [0], [1, 0, 2, 2]]);
  });

  it("give the scores of the tasks", () => {
    const { valAccuracy: scores } = levelScores(dataset, [[0, 1], [2.5], [1, 0, 1, 0]]);
    expect(scores).toEqual({ yes: 1 / 5, size: 1 - 2.5 / 10, kind: 2 / 5 });
  });

  it("are added sample by sample", () => {
    const words = new Uint32Array(4);
    const multiclass = losses.get("multiclass");
    for (const [label, score] of [
      [2, 0],
      [2, 1],
      [3, 0],
      [2, 0],
    ]) {
      addScore(words, multiclass, label, score);
    }
    expect([...words]).toEqual([0, 0, 2, 1]);
    const squares = new Uint32Array(2).subarray(1);
    for (const square of [0.25, 0.5]) addScore(squares, losses.get("mse"), 77, square);
    expect(new Float32Array(squares.buffer)[1]).toBe(0.75);
  });
});
