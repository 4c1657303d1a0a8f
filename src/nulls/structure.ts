import { columnList } from "../base/columns.ts";
import { invariant } from "../base/errors.ts";
import { layerCount, type Shape } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { popcount } from "../mask/mask.ts";
import type { WeightLists } from "./weight_lists.ts";

/** Most tasks of a structure: a bit each of a word, beside the one that says that a neuron is reached. */
export const mostTasks = 31;

const reached = 0x80000000;
const taskBits = 0x7fffffff;

/**
 * What the statistics are made of, found in one walk forward and one backward over the weights: tasks, and outputs, are bits
 * of words, so that a weight passes all of them on at once. The definitions are those of src/analysis, which
 * `plain_statistics.ts` takes them from; made once, and used for many masks of one shape.
 */
export class NullStructure {
  /** Active neurons, and active weights. */
  neurons = 0;
  weights = 0;
  /** Active neurons whose descendants among the outputs, and whose ancestors among the inputs, belong to one task only. */
  oneTaskTo = 0;
  oneTaskFrom = 0;
  /** Pairs of an input and an output, both of some task, that a path joins; and those of them without a task in common. */
  pairs = 0;
  crossPairs = 0;
  /** Weakly connected components of the active weights. */
  subnetworks = 0;
  /** Whether the state of the level would be separated, by the coverage. */
  separated = false;
  /** Sum over groups of 4 m e - d^2, with m active weights, e of them within the group, d ends of weights in the group. */
  modularityTimes4m2 = 0;

  readonly #tasks: readonly Task[];
  readonly #coverage: CoverageKind;
  readonly #inputs: number;
  readonly #outputs: number;
  readonly #outputWords: number;
  /** Of each input and each output: the tasks it belongs to, as bits. */
  readonly #inputTasks: Uint32Array;
  readonly #outputTasks: Uint32Array;
  /** The outputs of some task; and for each input those of a task of its own: `[input][word]`. */
  readonly #owned: Uint32Array;
  readonly #shared: Uint32Array;
  /** Number of a task's pairs, inputs or outputs, by the coverage. */
  readonly #whole: readonly number[];
  /** Of each neuron: tasks of its ancestors and of its descendants, with the bit {@link reached}. */
  readonly #from: Uint32Array;
  readonly #to: Uint32Array;
  /** Of each neuron: the outputs that it has a path to, `[neuron][word]`. */
  readonly #leads: Uint32Array;
  readonly #group: Uint8Array;
  readonly #parent: Int32Array;
  readonly #subnetworkOf: Int32Array;
  readonly #inner: Float64Array;
  readonly #ends: Float64Array;
  /** Inputs and outputs of each task in each subnetwork, `[subnetwork][task]`. */
  readonly #inputCounts: Uint32Array;
  readonly #outputCounts: Uint32Array;

  /** @param tasks at most {@link mostTasks}; their columns lie within the shape's inputs and outputs */
  constructor(
    readonly shape: Shape,
    tasks: readonly Task[],
    coverage: CoverageKind,
  ) {
    invariant(tasks.length <= mostTasks, `${tasks.length} tasks in one word`);
    this.#tasks = tasks;
    this.#coverage = coverage;
    this.#inputs = shape[0];
    this.#outputs = shape[shape.length - 1];
    this.#outputWords = Math.ceil(this.#outputs / 32);
    this.#inputTasks = new Uint32Array(this.#inputs);
    this.#outputTasks = new Uint32Array(this.#outputs);
    this.#owned = new Uint32Array(this.#outputWords);
    this.#shared = new Uint32Array(this.#inputs * this.#outputWords);
    tasks.forEach(({ inputs, outputs }, task) => {
      for (const input of columnList(inputs)) this.#inputTasks[input] |= 1 << task;
      for (const output of columnList(outputs)) {
        this.#outputTasks[output] |= 1 << task;
        this.#owned[output >>> 5] |= 1 << (output & 31);
        for (const input of columnList(inputs)) {
          this.#shared[input * this.#outputWords + (output >>> 5)] |= 1 << (output & 31);
        }
      }
    });
    this.#whole = tasks.map(({ inputs, outputs }) => {
      const [ofInputs, ofOutputs] = [columnList(inputs).length, columnList(outputs).length];
      return coverage === "input" ? ofInputs : coverage === "output" ? ofOutputs : ofInputs * ofOutputs;
    });
    const neurons = shape.reduce((sum, width) => sum + width, 0);
    this.#from = new Uint32Array(neurons);
    this.#to = new Uint32Array(neurons);
    this.#leads = new Uint32Array(neurons * this.#outputWords);
    this.#group = new Uint8Array(neurons);
    this.#parent = new Int32Array(neurons);
    this.#subnetworkOf = new Int32Array(neurons);
    this.#inner = new Float64Array(tasks.length + 1);
    this.#ends = new Float64Array(tasks.length + 1);
    // A subnetwork has an output.
    this.#inputCounts = new Uint32Array(this.#outputs * tasks.length);
    this.#outputCounts = new Uint32Array(this.#outputs * tasks.length);
  }

  /** Finds the structure of a mask of this shape, in place of that of the mask before. */
  find(lists: WeightLists): void {
    this.#walk(lists);
    this.#groupNeurons();
    this.#joinWeights(lists);
    this.#countPairs();
    this.#countSubnetworks();
    this.separated = this.#isSeparated();
  }

  #walk({ starts, sources, targets }: WeightLists): void {
    const [from, to, leads, words] = [this.#from, this.#to, this.#leads, this.#outputWords];
    from.fill(0);
    to.fill(0);
    leads.fill(0);
    for (let input = 0; input < this.#inputs; input++) from[input] = this.#inputTasks[input] | reached;
    const firstOutput = from.length - this.#outputs;
    for (let output = 0; output < this.#outputs; output++) {
      to[firstOutput + output] = this.#outputTasks[output] | reached;
      leads[(firstOutput + output) * words + (output >>> 5)] = 1 << (output & 31);
    }
    const count = starts[layerCount(this.shape)];
    for (let at = 0; at < count; at++) from[targets[at]] |= from[sources[at]];
    if (words === 1) {
      for (let at = count - 1; at >= 0; at--) {
        const [source, target] = [sources[at], targets[at]];
        to[source] |= to[target];
        leads[source] |= leads[target];
      }
      return;
    }
    for (let at = count - 1; at >= 0; at--) {
      const [source, target] = [sources[at], targets[at]];
      to[source] |= to[target];
      for (let word = 0; word < words; word++) leads[source * words + word] |= leads[target * words + word];
    }
  }

  /** Counts the active neurons, and groups them by the one task that their inputs and outputs serve. */
  #groupNeurons(): void {
    const [from, to, group, parent] = [this.#from, this.#to, this.#group, this.#parent];
    const mixed = this.#tasks.length;
    this.neurons = 0;
    this.oneTaskTo = 0;
    this.oneTaskFrom = 0;
    for (let neuron = 0; neuron < from.length; neuron++) {
      parent[neuron] = neuron;
      if ((from[neuron] & to[neuron] & reached) === 0) continue;
      this.neurons++;
      const [before, after] = [from[neuron] & taskBits, to[neuron] & taskBits];
      if (isOneBit(before)) this.oneTaskFrom++;
      if (isOneBit(after)) this.oneTaskTo++;
      group[neuron] = isOneBit(before | after) ? 31 - Math.clz32(before | after) : mixed;
    }
  }

  /** Joins the ends of the active weights to subnetworks, and counts the weights within and between groups. */
  #joinWeights({ starts, sources, targets }: WeightLists): void {
    const [from, to, group, inner, ends] = [this.#from, this.#to, this.#group, this.#inner, this.#ends];
    inner.fill(0);
    ends.fill(0);
    let active = 0;
    const count = starts[layerCount(this.shape)];
    for (let at = 0; at < count; at++) {
      const [source, target] = [sources[at], targets[at]];
      if ((from[source] & to[target] & reached) === 0) continue;
      active++;
      const [a, b] = [group[source], group[target]];
      ends[a]++;
      ends[b]++;
      if (a === b) inner[a]++;
      this.#join(source, target);
    }
    this.weights = active;
    let sum = 0;
    for (let each = 0; each < inner.length; each++) sum += 4 * active * inner[each] - ends[each] * ends[each];
    this.modularityTimes4m2 = sum;
  }

  #root(neuron: number): number {
    const parent = this.#parent;
    let at = neuron;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  /** The root of a set is its smallest member, so that it comes first in a walk over neurons. */
  #join(a: number, b: number): void {
    const [rootA, rootB] = [this.#root(a), this.#root(b)];
    if (rootA < rootB) this.#parent[rootB] = rootA;
    else this.#parent[rootA] = rootB;
  }

  #countPairs(): void {
    const [leads, words] = [this.#leads, this.#outputWords];
    this.pairs = 0;
    this.crossPairs = 0;
    for (let input = 0; input < this.#inputs; input++) {
      if (this.#inputTasks[input] === 0) continue;
      for (let word = 0; word < words; word++) {
        const joined = leads[input * words + word] & this.#owned[word];
        if (joined === 0) continue;
        this.pairs += popcount(joined);
        this.crossPairs += popcount(joined & ~this.#shared[input * words + word]);
      }
    }
  }

  /** Numbers the subnetworks, each of which has an input, and counts the columns of each task in them. */
  #countSubnetworks(): void {
    const [from, to, tasks] = [this.#from, this.#to, this.#tasks.length];
    const [subnetworkOf, inputCounts, outputCounts] = [this.#subnetworkOf, this.#inputCounts, this.#outputCounts];
    let found = 0;
    for (let input = 0; input < this.#inputs; input++) {
      if ((to[input] & reached) === 0) continue;
      const root = this.#root(input);
      if (root === input) {
        subnetworkOf[root] = found;
        inputCounts.fill(0, found * tasks, (found + 1) * tasks);
        outputCounts.fill(0, found * tasks, (found + 1) * tasks);
        found++;
      }
      addBits(inputCounts, subnetworkOf[root] * tasks, this.#inputTasks[input]);
    }
    const firstOutput = from.length - this.#outputs;
    for (let output = 0; output < this.#outputs; output++) {
      if ((from[firstOutput + output] & reached) === 0) continue;
      addBits(outputCounts, subnetworkOf[this.#root(firstOutput + output)] * tasks, this.#outputTasks[output]);
    }
    this.subnetworks = found;
  }

  /** As `levelState` of src/analysis/state.ts decides. */
  #isSeparated(): boolean {
    const tasks = this.#tasks.length;
    for (let task = 0; task < tasks; task++) {
      let sum = 0;
      for (let each = 0; each < this.subnetworks; each++) sum += this.#covered(each * tasks + task);
      if (sum < this.#whole[task]) return false;
    }
    let touching = 0;
    for (let each = 0; each < this.subnetworks; each++) {
      let touched = 0;
      for (let task = 0; task < tasks; task++) if (this.#covered(each * tasks + task) > 0) touched++;
      if (touched > 1) return false;
      touching += touched;
    }
    return touching === tasks && tasks > 1;
  }

  #covered(at: number): number {
    if (this.#coverage === "input") return this.#inputCounts[at];
    if (this.#coverage === "output") return this.#outputCounts[at];
    return this.#inputCounts[at] * this.#outputCounts[at];
  }
}

const isOneBit = (bits: number) => bits !== 0 && (bits & (bits - 1)) === 0;

/** Adds 1 to the count of every task of a word. */
function addBits(counts: Uint32Array, first: number, bits: number): void {
  for (let rest = bits; rest !== 0; rest &= rest - 1) counts[first + 31 - Math.clz32(rest & -rest)]++;
}
