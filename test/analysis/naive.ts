import type { Columns } from "../../src/base/columns.ts";
import type { CoverageKind, Task } from "../../src/base/task.ts";
import type { Mask } from "../../src/mask/mask.ts";

/*
 * A second implementation of the analysis, from its definitions: single weights as objects, depth-first searches from
 * every neuron, coverage in floating point. Slow; shares no code with src/analysis.
 */

interface Weight {
  readonly layer: number;
  readonly source: string;
  readonly target: string;
}

const key = (layer: number, index: number) => `${layer}:${index}`;

/** All neurons that a path along `next` reaches from `start`, `start` included. */
function search(start: string, next: Map<string, string[]>, found = new Set<string>()): Set<string> {
  if (found.has(start)) return found;
  found.add(start);
  for (const neuron of next.get(start) ?? []) search(neuron, next, found);
  return found;
}

function neighbours(weights: readonly Weight[], from: "source" | "target", to: "source" | "target") {
  const map = new Map<string, string[]>();
  for (const weight of weights) map.set(weight[from], [...(map.get(weight[from]) ?? []), weight[to]]);
  return map;
}

export function naiveAnalysis(mask: Mask, tasks: readonly Task[], kind: CoverageKind) {
  const { shape } = mask;
  const last = shape.length - 1;
  const weights: Weight[] = [];
  for (let layer = 0; layer < last; layer++) {
    for (let source = 0; source < shape[layer]; source++) {
      for (let target = 0; target < shape[layer + 1]; target++) {
        if (mask.has(layer, target, source)) {
          weights.push({ layer, source: key(layer, source), target: key(layer + 1, target) });
        }
      }
    }
  }
  const layerOf = (neuron: string) => Number(neuron.split(":")[0]);
  const indexOf = (neuron: string) => Number(neuron.split(":")[1]);
  const forward = neighbours(weights, "source", "target");
  const backward = neighbours(weights, "target", "source");
  const reachesOutput = (neuron: string) => [...search(neuron, forward)].some((end) => layerOf(end) === last);
  const isReached = (neuron: string) => [...search(neuron, backward)].some((end) => layerOf(end) === 0);
  const hasBias = (neuron: string) => layerOf(neuron) > 0 && mask.hasBias(layerOf(neuron) - 1, indexOf(neuron));
  // Another value than 0 comes from an input or from a bias.
  const carries = (neuron: string) => [...search(neuron, backward)].some((end) => layerOf(end) === 0 || hasBias(end));
  const stateOf = (neuron: string) => {
    if (!reachesOutput(neuron) || !carries(neuron)) return "inactive";
    return isReached(neuron) ? "active" : "zombie";
  };

  const neuronStates = shape.map((width, layer) => Array.from({ length: width }, (_, i) => stateOf(key(layer, i))));
  const state = (neuron: string) => neuronStates[layerOf(neuron)][indexOf(neuron)];
  const neurons = { active: 0, inactive: 0, zombie: 0 };
  for (const one of neuronStates.flat()) neurons[one]++;

  const biases = { active: 0, inactive: 0, zombie: 0, pruned: 0 };
  neuronStates.forEach((states, layer) => {
    states.forEach((one, i) => {
      if (layer > 0) biases[hasBias(key(layer, i)) ? one : "pruned"]++;
    });
  });

  // A weight reaches an output when its target does; it is a zombie when its source is a zombie.
  const weightState = (weight: Weight) => {
    if (state(weight.target) === "inactive" || state(weight.source) === "inactive") return "inactive";
    return state(weight.source) === "zombie" ? "zombie" : "active";
  };
  const counts = { active: 0, inactive: 0, zombie: 0, pruned: mask.size - weights.length };
  const weightStates: string[][][] = shape
    .slice(1)
    .map((outputs, layer) => Array.from({ length: outputs }, () => new Array(shape[layer]).fill("pruned")));
  for (const weight of weights) {
    counts[weightState(weight)]++;
    weightStates[weight.layer][indexOf(weight.target)][indexOf(weight.source)] = weightState(weight);
  }

  const active = weights.filter((weight) => weightState(weight) === "active");
  const activeForward = neighbours(active, "source", "target");
  const activeBackward = neighbours(active, "target", "source");
  const eitherWay = new Map<string, string[]>();
  for (const { source, target } of active) {
    eitherWay.set(source, [...(eitherWay.get(source) ?? []), target]);
    eitherWay.set(target, [...(eitherWay.get(target) ?? []), source]);
  }
  const byNeuron = (a: string, b: string) => layerOf(a) - layerOf(b) || indexOf(a) - indexOf(b);
  const parts: { members: string[]; weights: number }[] = [];
  for (const neuron of [...eitherWay.keys()].sort(byNeuron)) {
    if (parts.some((part) => part.members.includes(neuron))) continue;
    const members = [...search(neuron, eitherWay)].sort(byNeuron);
    parts.push({ members, weights: active.filter((weight) => members.includes(weight.source)).length });
  }
  parts.sort((a, b) => b.weights - a.weights || byNeuron(a.members[0], b.members[0]));

  const columnsOf = (columns: Columns, layer: number) =>
    "start" in columns
      ? Array.from({ length: columns.count }, (_, i) => key(layer, columns.start + i))
      : columns.map((column) => key(layer, column));
  const inputsOf = (task: Task) => columnsOf(task.inputs, 0);
  const outputsOf = (task: Task) => columnsOf(task.outputs, last);
  const share = (members: string[], columns: string[]) =>
    columns.filter((column) => members.includes(column)).length / columns.length;
  const input = parts.map(({ members }) => tasks.map((task) => share(members, inputsOf(task))));
  const output = parts.map(({ members }) => tasks.map((task) => share(members, outputsOf(task))));
  const total = input.map((row, j) => row.map((value, k) => value * output[j][k]));
  const coverage = { input, output, total };

  const foreign = parts.map(({ members }, j) => {
    const isForeign = (neuron: string) => {
      const owners = tasks.filter((task) => inputsOf(task).includes(neuron));
      return owners.length > 0 && !owners.some((owner) => output[j][tasks.indexOf(owner)] > 0);
    };
    return members.filter(isForeign).length;
  });

  const unused = Array.from({ length: shape[0] }, (_, column) => column).filter((column) => {
    const owners = tasks.filter((task) => inputsOf(task).includes(key(0, column)));
    const reached = search(key(0, column), forward);
    return owners.length > 0 && !owners.some((owner) => outputsOf(owner).some((end) => reached.has(end)));
  });

  const tasksSeen = (found: Set<string>, columns: (task: Task) => string[]) =>
    tasks.filter((task) => columns(task).some((column) => found.has(column))).length;
  const degree = (next: Map<string, string[]>, columns: (task: Task) => string[]) =>
    shape.map((width, layer) => {
      const alive = Array.from({ length: width }, (_, i) => key(layer, i)).filter((one) => state(one) === "active");
      if (alive.length === 0) return null;
      return alive.filter((neuron) => tasksSeen(search(neuron, next), columns) === 1).length / alive.length;
    });

  return {
    shape,
    remaining: weights.length,
    weights: counts,
    biases,
    neurons,
    neuronStates,
    weightStates,
    subnetworks: parts.map((part, j) => ({
      neurons: part.members.map((neuron) => [layerOf(neuron), indexOf(neuron)]),
      weights: part.weights,
      foreignInputs: foreign[j],
    })),
    coverage,
    state: naiveState(coverage[kind], tasks.length),
    degree: { fromOutputs: degree(activeForward, outputsOf), fromInputs: degree(activeBackward, inputsOf) },
    foreignInputs: foreign.reduce((sum, count) => sum + count, 0),
    unusedInputs: { count: unused.length, columns: unused },
  };
}

function naiveState(coverage: number[][], tasks: number): string {
  const touches = coverage.map((row) => row.filter((share) => share > 0).length).filter((count) => count > 0);
  for (let task = 0; task < tasks; task++) {
    // Shares are rounded here, so a sum just below 1 is 1; the nearest smaller sum is 1 - 1 / 1,600.
    if (coverage.reduce((sum, row) => sum + row[task], 0) < 1 - 1e-9) return "degraded";
  }
  if (touches.some((count) => count >= 2) || (tasks === 1 && touches.length === 1)) return "interconnected";
  return touches.length === tasks ? "separated" : "fragmented";
}
