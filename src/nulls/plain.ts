import { analyze } from "../analysis/analyze.ts";
import { columnList, hasColumn } from "../base/columns.ts";
import { RandomStream } from "../base/random.ts";
import { layerCount } from "../base/shape.ts";
import type { Task } from "../base/task.ts";
import { Mask, maskLayout } from "../mask/mask.ts";
import type { InitialDistribution } from "./models/model.ts";
import { upperNormalQuantile } from "./models/normal_quantile.ts";
import { nullModels } from "./models.ts";
import { type NullPlan, ticketKey } from "./plan.ts";

/**
 * Nulls and their statistics by plain loops over masks: the oracle of the tests, and what `npm run bench -- nulls` measures the fast way
 * against. Draws come from the same streams; everything else is derived a second time, from the analysis where it has the definition.
 */
export function plainValues(plan: NullPlan, model: string, number: number): Record<string, number> {
  return plainStatistics(plainNull(plan, model, number), plan);
}

/** The statistics of a mask by the definitions of src/analysis. */
export function plainStatistics(
  mask: Mask,
  { tasks, coverage }: Pick<NullPlan, "tasks" | "coverage">,
): Record<string, number> {
  const { state, subnetworks, neuronStates } = analyze(mask, tasks, coverage);
  const active = neuronStates.flatMap((layer, at) =>
    layer.flatMap((neuron, index) => (neuron === "active" ? [[at, index]] : [])),
  );
  const last = mask.shape.length - 1;
  const before = (layer: number, index: number) => connected(mask, layer, index, -1, 0);
  const after = (layer: number, index: number) => connected(mask, layer, index, 1, last);
  const tasksOf = (columns: ReadonlySet<number>, of: (task: Task) => Task["inputs"]) =>
    tasks.flatMap((task, at) => ([...columns].some((column) => hasColumn(of(task), column)) ? [at] : []));
  const groups = new Map<string, number>();
  let oneTask = 0;
  for (const [layer, index] of active) {
    const from = tasksOf(before(layer, index), ({ inputs }) => inputs);
    const to = tasksOf(after(layer, index), ({ outputs }) => outputs);
    oneTask += (from.length === 1 ? 1 : 0) + (to.length === 1 ? 1 : 0);
    const both = new Set([...from, ...to]);
    groups.set(`${layer} ${index}`, both.size === 1 ? [...both][0] : tasks.length);
  }
  let [pairs, crossing] = [0, 0];
  for (let input = 0; input < mask.shape[0]; input++) {
    const own = tasks.filter(({ inputs }) => hasColumn(inputs, input));
    if (own.length === 0) continue;
    for (const output of after(0, input)) {
      if (!tasks.some(({ outputs }) => hasColumn(outputs, output))) continue;
      pairs++;
      if (!own.some(({ outputs }) => hasColumn(outputs, output))) crossing++;
    }
  }
  return {
    separated: state === "separated" ? 1 : 0,
    subnetworks: subnetworks.length,
    "degree-of-separation": oneTask / (2 * active.length),
    mixing: crossing / pairs,
    "task-modularity": plainModularity(mask, groups, tasks.length),
  };
}

/** The neurons of a layer that a neuron is joined to by paths. */
function connected(mask: Mask, layer: number, index: number, step: 1 | -1, last: number): Set<number> {
  let reached = new Set([index]);
  for (let at = layer; at !== last; at += step) {
    const next = new Set<number>();
    for (const each of reached) {
      for (let other = 0; other < mask.shape[at + step]; other++) {
        if (step === 1 ? mask.has(at, other, each) : mask.has(at - 1, each, other)) next.add(other);
      }
    }
    reached = next;
  }
  return reached;
}

/** Newman's modularity of a partition, from the definition: Q = sum over pairs of neurons in one group of A / 2m - k k' / (2m)^2. */
function plainModularity(mask: Mask, groups: ReadonlyMap<string, number>, mixed: number): number {
  const edges: [number, number][] = [];
  for (let layer = 0; layer < layerCount(mask.shape); layer++) {
    for (let output = 0; output < mask.shape[layer + 1]; output++) {
      for (let input = 0; input < mask.shape[layer]; input++) {
        const [a, b] = [groups.get(`${layer} ${input}`), groups.get(`${layer + 1} ${output}`)];
        if (a !== undefined && b !== undefined && mask.has(layer, output, input)) edges.push([a, b]);
      }
    }
  }
  const ends = Array.from({ length: mixed + 1 }, (_, group) => edges.flat().filter((end) => end === group).length);
  const inner = ends.map((_, group) => edges.filter(([a, b]) => a === group && b === group).length);
  const m = edges.length;
  // Over one denominator, so that the two ways round alike.
  return inner.reduce((sum, within, group) => sum + (4 * m * within - ends[group] ** 2), 0) / (4 * m * m);
}

/** A null as a mask, drawn plainly. */
export function plainNull(plan: NullPlan, model: string, number: number): Mask {
  const { shape, words, seed } = plan;
  const ticket = new Mask(shape, words);
  const random = new RandomStream(seed, nullModels.get(model).purpose, number, ticketKey(shape, words));
  const layers = Array.from({ length: layerCount(shape) }, (_, layer) => layer);
  const sizes = layers.map((layer) => shape[layer] * shape[layer + 1]);
  const kept = layers.map((layer) => ticket.count(layer));
  switch (model) {
    case "shuffled":
      return plainLayers(plan, random, kept);
    case "random-mask": {
      const bounds = sizes.map((_, layer) => sizes.slice(0, layer + 1).reduce((sum, size) => sum + size, 0));
      const positions = plainSubset(random, ticket.count(), bounds[bounds.length - 1]);
      const layerOf = (position: number) => bounds.findIndex((bound) => position < bound);
      return plainLayers(
        plan,
        random,
        layers.map((layer) => positions.filter((position) => layerOf(position) === layer).length),
      );
    }
    case "untrained":
      return plainLayers(
        plan,
        random,
        plainLargest(random, ticket.count(), sizes, plan.initial as InitialDistribution),
      );
    default:
      return plainRewiring(plan, random);
  }
}

function plainLayers({ shape }: NullPlan, random: RandomStream, counts: readonly number[]): Mask {
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  counts.forEach((count, layer) => {
    for (const position of plainSubset(random, count, shape[layer] * shape[layer + 1])) {
      mask.set(layer, Math.floor(position / shape[layer]), position % shape[layer], true);
    }
  });
  return mask;
}

function plainSubset(random: RandomStream, count: number, of: number): number[] {
  const drawn: number[] = [];
  for (let last = of - count; last < of; last++) {
    const position = random.nextBelow(last + 1);
    drawn.push(drawn.includes(position) ? last : position);
  }
  return drawn;
}

/** The largest magnitudes of all layers in one sorted list: those of a layer are all drawn, from the largest down. */
function plainLargest(
  random: RandomStream,
  kept: number,
  sizes: readonly number[],
  { deviations, form }: InitialDistribution,
): number[] {
  const logs = sizes.map(() => 0);
  const counts = sizes.map(() => 0);
  const next = (layer: number) => {
    const left = sizes[layer] - counts[layer];
    if (left === 0) return -1;
    logs[layer] += Math.log(random.nextUniform()) / left;
    const share =
      form === "uniform" ? Math.sqrt(3) * Math.exp(logs[layer]) : upperNormalQuantile(-Math.expm1(logs[layer]) / 2);
    return deviations[layer] * share;
  };
  const heads = sizes.map((_, layer) => next(layer));
  for (let each = 0; each < kept; each++) {
    const layer = heads.indexOf(Math.max(...heads));
    counts[layer]++;
    heads[layer] = next(layer);
  }
  return counts;
}

function plainRewiring({ shape, preparations }: NullPlan, random: RandomStream): Mask {
  const { words, proposals } = preparations.rewired.hub as NonNullable<(typeof preparations)[string]["hub"]>;
  const mask = new Mask(shape, words.slice());
  proposals.forEach((count, layer) => {
    const weights: [number, number][] = [];
    for (const output of columnList({ start: 0, count: shape[layer + 1] })) {
      for (let input = 0; input < shape[layer]; input++) {
        if (mask.has(layer, output, input)) weights.push([input, output]);
      }
    }
    for (let each = 0; each < count; each++) {
      const word = random.nextWord();
      const first = weights[Math.floor(((word % 65536) * weights.length) / 65536)];
      const second = weights[Math.floor((Math.floor(word / 65536) * weights.length) / 65536)];
      const [[a, b], [c, d]] = [first, second];
      if (a === c || b === d || mask.has(layer, d, a) || mask.has(layer, b, c)) continue;
      mask.set(layer, b, a, false);
      mask.set(layer, d, c, false);
      mask.set(layer, d, a, true);
      mask.set(layer, b, c, true);
      first[1] = d;
      second[1] = b;
    }
  });
  return mask;
}
