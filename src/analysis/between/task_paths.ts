import { columnList } from "../../base/columns.ts";
import { layerCount } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import { lowestBit } from "../../mask/bits.ts";
import type { Mask } from "../../mask/mask.ts";

/** Numbers up to here are exact in float64. */
const exact = Number.MAX_SAFE_INTEGER;

/**
 * The number of paths of unpruned weights from the inputs of each task to the outputs of each, exactly. A path goes forward
 * through one neuron of every layer, so all its weights are active. For one task it is the number of weights of a network
 * that is linear (the sum over paths of products of mask entries: the mask's "path count", as in B. Neyshabur, R. Tomioka
 * and N. Srebro, "Norm-based capacity control in neural networks", 2015, with all weights 1). A column of several tasks counts for each of them.
 * @param tasks their columns lie within the mask's inputs and outputs
 * @returns `[input task][output task]`
 */
export function taskPaths(mask: Mask, tasks: readonly Task[]): bigint[][] {
  const { shape } = mask;
  // From one input to one neuron there are at most as many paths as the product of the widths between.
  const most = shape.slice(0, -1).reduce((product, width) => product * width, 1) * shape[shape.length - 1];
  const ends = most <= exact ? countedFrom(mask, tasks, floatCounts) : countedFrom(mask, tasks, bigCounts);
  return ends.map((counts) =>
    tasks.map(({ outputs }) => columnList(outputs).reduce((sum, output) => sum + BigInt(counts[output]), 0n)),
  );
}

/** Numbers of paths to the neurons of a layer. */
type Counts = Float64Array | bigint[];

/** How paths are counted: in float64 where no number can be too large for it, else in integers without a bound. */
interface Counting<C extends Counts> {
  readonly zeros: (length: number) => C;
  readonly one: C[number];
  /** Adds up the counts of the sources of a row of the mask. */
  readonly sum: (counts: C, words: Uint32Array, row: number, rowWords: number) => C[number];
}

const floatCounts: Counting<Float64Array> = {
  zeros: (length) => new Float64Array(length),
  one: 1,
  sum: (counts, words, row, rowWords) => {
    let sum = 0;
    for (let word = 0; word < rowWords; word++) {
      for (let rest = words[row + word]; rest !== 0; rest &= rest - 1) sum += counts[word * 32 + lowestBit(rest)];
    }
    return sum;
  },
};

const bigCounts: Counting<bigint[]> = {
  zeros: (length) => new Array<bigint>(length).fill(0n),
  one: 1n,
  sum: (counts, words, row, rowWords) => {
    let sum = 0n;
    for (let word = 0; word < rowWords; word++) {
      for (let rest = words[row + word]; rest !== 0; rest &= rest - 1) sum += counts[word * 32 + lowestBit(rest)];
    }
    return sum;
  },
};

/** The number of paths from each task's inputs to each output, `[task][output]`. */
function countedFrom<C extends Counts>(mask: Mask, tasks: readonly Task[], { zeros, one, sum }: Counting<C>): C[] {
  const { shape, words } = mask;
  const { rowWords, wordOffset } = mask.layout;
  return tasks.map(({ inputs }) => {
    let counts = zeros(shape[0]);
    for (const input of columnList(inputs)) counts[input] = one;
    for (let layer = 0; layer < layerCount(shape); layer++) {
      const next = zeros(shape[layer + 1]);
      for (let target = 0; target < next.length; target++) {
        next[target] = sum(counts, words, wordOffset[layer] + target * rowWords[layer], rowWords[layer]);
      }
      counts = next;
    }
    return counts;
  });
}

/** A ratio of two integers that may be too large for float64, in float64 to about 15 digits. */
export function bigRatio(part: bigint, whole: bigint): number {
  // Both are shortened by the same power of two, to at most 1,000 bits, which float64 holds with a relative error of 1e-16.
  const excess = BigInt(Math.max(0, whole.toString(2).length - 1000));
  return Number(part >> excess) / Number(whole >> excess);
}

/** The decimal logarithm of a positive integer of any size, in float64. */
export function bigLog10(value: bigint): number {
  const excess = Math.max(0, value.toString(2).length - 1000);
  return Math.log10(Number(value >> BigInt(excess))) + excess * Math.log10(2);
}
