import { expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { lastPruned } from "../../src/pruning/last_pruned.ts";
import { lowerKey, upperKeys } from "../../src/pruning/score_key.ts";

/** Numbers of keys that are ranked by digits of 11 and of 16 bits. */
const sizes = [1000, 140_000];

it.each(sizes)("finds the key of a rank among %i keys of 32 bits, and how many of its ties go", (size) => {
  const stream = new RandomStream(1, "bootstrap");
  // Every fourth key is one of few, so that there are ties; they lie in two layers.
  const keys = Uint32Array.from({ length: size }, (_, n) =>
    n % 4 === 0 ? stream.nextWord() >>> 29 : stream.nextWord(),
  );
  const sorted = keys.toSorted();
  const layers = [{ upper: keys.subarray(0, 300) }, { upper: keys.subarray(300) }];
  for (const count of [1, 2, Math.floor(size / 8), Math.floor(size / 2), size]) {
    const { upper, lower, tiesPruned } = lastPruned(layers, count);
    expect(upper).toBe(sorted[count - 1]);
    expect([lower, tiesPruned]).toEqual([0, count - sorted.indexOf(upper)]);
  }
});

it.each(sizes)("finds the score of a rank among %i float64 scores, near and equal ones", (size) => {
  const stream = new RandomStream(2, "bootstrap");
  // Steps of 2^-50 above 1: the upper halves of most keys are equal. Half of the scores are negative, some are equal.
  const scores = Float64Array.from({ length: size }, (_, n) => {
    const near = 1 + (stream.nextWord() % 5000) * 2 ** -50;
    return n % 2 === 0 ? near : -near;
  });
  const sorted = scores.toSorted();
  const layers = [scores.slice(0, 300), scores.slice(300)].map((some) => ({ upper: upperKeys(some), scores: some }));
  for (const count of [1, 2, Math.floor(size / 8), Math.floor(size / 2) + 3, size]) {
    const found = lastPruned(layers, count);
    const score = Float64Array.of(sorted[count - 1]);
    const ties = scores.filter((one) => one === score[0]).length;
    const before = sorted.indexOf(score[0]);
    expect(found.upper).toBe(upperKeys(score)[0]);
    // Where all weights with its upper half go, no lower one is looked for.
    const isAll = found.lower === 0xffffffff;
    if (!isAll) expect([found.lower, found.tiesPruned]).toEqual([lowerKey(score, 0), count - before]);
    else expect(scores.filter((one) => one <= score[0]).length).toBe(before + ties);
  }
});
