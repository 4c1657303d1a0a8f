import { analyze, type Subnetwork } from "../../analysis/analyze.ts";
import { type NeuronTasks, neuronTasks } from "../../analysis/neuron_tasks.ts";
import { keptWeightState, type NeuronState } from "../../analysis/states.ts";
import { layerCount, type Shape } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import { type Mask, popcount } from "../../mask/mask.ts";
import type { Parameters } from "../../network/parameters.ts";
import { keptWeights, layOutTicket, tasksOf } from "../../report/ticket_layout.ts";

/**
 * The side that decides a weight's task, as in the degree of separation: the outputs it leads to or the inputs it comes
 * from.
 */
export type Side = "outputs" | "inputs";

/**
 * The kind of a neuron, a weight or a bundle of them in a drawing: the number of its task, or, with T tasks, T
 * undecided (several tasks), T + 1 inactive, T + 2 zombie.
 */
export type Kind = number;

/** The drawing of a network. Coordinates are shares of the drawing's width and height, outputs at the top. */
export interface NetworkPicture {
  readonly shape: Shape;
  readonly kept: number;
  /** Most neurons of a point; if it is 1, every neuron is a point and every kept weight a line. */
  readonly neuronsPerPoint: number;
  readonly points: {
    readonly layer: Uint16Array;
    /** Identifies the point within its layer in all pictures: the neuron's index, or that of the bundle. */
    readonly id: Uint32Array;
    readonly x: Float32Array;
    readonly y: Float32Array;
    readonly kind: Uint8Array;
    readonly neurons: Uint32Array;
  };
  readonly lines: {
    /** Numbers of points. */
    readonly from: Uint32Array;
    readonly to: Uint32Array;
    readonly kind: Uint8Array;
    /**
     * From 0 to 1: |w| over the largest of its layer if weights are known; for a bundle, the density of its weights.
     */
    readonly strength: Float32Array;
  };
  /** The background of each subnetwork, if there are several. */
  readonly bands: readonly { readonly left: number; readonly right: number; readonly kind: Kind }[];
  /** Kept weights by kind. */
  readonly weights: readonly number[];
  /** Active neurons by layer. */
  readonly activeNeurons: readonly number[];
}

/** Most kept weights that are drawn as one line each. */
export const mostLines = 5000;
/** Points of a layer in a drawing of bundles; the lines between two layers are at most its square. */
const pointsPerLayer = 36;

/** The rectangle of the drawing in the units of the ticket's layout. */
const frame = { left: 0, right: 1000, top: 0, bottom: 600 };

/**
 * Lays a level's network out.
 * @param weights values that decide the strength of the lines, such as the trained ones
 */
export function networkPicture(
  mask: Mask,
  tasks: readonly Task[],
  side: Side,
  weights: Parameters | undefined,
): NetworkPicture {
  // States and subnetworks do not depend on the coverage.
  const { neuronStates, subnetworks: bySize, remaining } = analyze(mask, tasks, "total");
  // Sorted by their outputs, so that each task keeps its side from level to level.
  const firstOutput = ({ neurons }: Subnetwork) => neurons.find(([layer]) => layer === mask.shape.length - 1)?.[1] ?? 0;
  const subnetworks = [...bySize].sort((a, b) => firstOutput(a) - firstOutput(b));
  const kinds = new Kinds(neuronTasks(mask, tasks), neuronStates, tasks, side);
  const activeNeurons = neuronStates.map((layer) => layer.filter((state) => state === "active").length);
  const drawn = remaining <= mostLines ? exact(mask, tasks, subnetworks, kinds, weights) : bundled(mask, kinds);
  return { shape: mask.shape, kept: remaining, activeNeurons, ...drawn };
}

/** The kinds of neurons and weights. */
class Kinds {
  readonly undecided: Kind;
  readonly inactive: Kind;
  readonly zombie: Kind;
  readonly count: number;

  constructor(
    readonly tasks: NeuronTasks,
    readonly states: readonly (readonly NeuronState[])[],
    readonly declared: readonly Task[],
    readonly side: Side,
  ) {
    this.undecided = declared.length;
    this.inactive = declared.length + 1;
    this.zombie = declared.length + 2;
    this.count = declared.length + 3;
  }

  neuron(layer: number, index: number): Kind {
    const state = this.states[layer][index];
    if (state === "inactive") return this.inactive;
    if (state === "zombie") return this.zombie;
    // Inputs and outputs have the kind of their own task, which shows those used by another task's subnetwork. A shared
    // input has the kind of its connections.
    const end = layer === 0 ? "inputs" : layer === this.states.length - 1 ? "outputs" : undefined;
    const own = end ? tasksOf(this.declared, end, index) : [];
    if (own.length === 1) return own[0];
    return this.#ofTasks(this.side === "outputs" ? this.tasks.to[layer][index] : this.tasks.from[layer][index]);
  }

  weight(layer: number, output: number, input: number): Kind {
    const state = keptWeightState(this.states[layer][input], this.states[layer + 1][output]);
    if (state === "inactive") return this.inactive;
    if (state === "zombie") return this.zombie;
    return this.#ofTasks(this.side === "outputs" ? this.tasks.to[layer + 1][output] : this.tasks.from[layer][input]);
  }

  #ofTasks(bits: number): Kind {
    return popcount(bits) === 1 ? 31 - Math.clz32(bits) : this.undecided;
  }
}

type Drawn = Omit<NetworkPicture, "shape" | "kept" | "activeNeurons">;

/** A point for every neuron, a line for every kept weight, a band for every subnetwork. */
function exact(
  mask: Mask,
  tasks: readonly Task[],
  subnetworks: readonly Subnetwork[],
  kinds: Kinds,
  parameters: Parameters | undefined,
): Drawn {
  const layout = layOutTicket(mask, tasks, subnetworks, frame);
  const placed = layout.neurons.flat();
  const offsets = offsetsOf(mask.shape);
  const lines = [...keptWeights(mask)];
  const weights = new Array<number>(kinds.count).fill(0);
  const kind = Uint8Array.from(lines, ([layer, output, input]) => kinds.weight(layer, output, input));
  for (const each of kind) weights[each]++;
  const bandKinds = subnetworks.map(({ neurons }) => {
    const outputs = neurons.filter(([layer]) => layer === mask.shape.length - 1);
    const own = new Set(outputs.map(([layer, index]) => kinds.neuron(layer, index)));
    return own.size === 1 ? [...own][0] : kinds.undecided;
  });
  return {
    neuronsPerPoint: 1,
    points: {
      layer: Uint16Array.from(placed, ({ layer }) => layer),
      id: Uint32Array.from(placed, ({ index }) => index),
      x: Float32Array.from(placed, ({ x }) => x / frame.right),
      y: Float32Array.from(placed, ({ y }) => y / frame.bottom),
      kind: Uint8Array.from(placed, ({ layer, index }) => kinds.neuron(layer, index)),
      neurons: new Uint32Array(placed.length).fill(1),
    },
    lines: {
      from: Uint32Array.from(lines, ([layer, , input]) => offsets[layer] + input),
      to: Uint32Array.from(lines, ([layer, output]) => offsets[layer + 1] + output),
      kind,
      strength: strengths(lines, parameters, mask.shape),
    },
    bands:
      subnetworks.length < 2
        ? []
        : layout.bands.map(({ left, width }, number) => ({
            left: left / frame.right,
            right: (left + width) / frame.right,
            kind: bandKinds[number],
          })),
    weights,
  };
}

/** |w| of each line over the largest of its layer; 1 if the weights are not known. */
function strengths(
  lines: readonly (readonly [number, number, number])[],
  parameters: Parameters | undefined,
  shape: Shape,
): Float32Array {
  if (!parameters) return new Float32Array(lines.length).fill(1);
  const { rowStride, weightOffset } = parameters.layout;
  const magnitudes = Float32Array.from(lines, ([layer, output, input]) =>
    Math.abs(parameters.values[weightOffset[layer] + output * rowStride[layer] + input]),
  );
  const largest = new Float32Array(layerCount(shape));
  lines.forEach(([layer], line) => {
    largest[layer] = Math.max(largest[layer], magnitudes[line]);
  });
  return magnitudes.map((magnitude, line) => magnitude / (largest[lines[line][0]] || 1));
}

/**
 * Adjacent neurons of one kind share a point; the weights between two points are one line, whose strength is their
 * density.
 */
function bundled(mask: Mask, kinds: Kinds): Drawn {
  const { shape } = mask;
  const layers = shape.length;
  const points: { layer: number; id: number; x: number; kind: Kind; neurons: number }[] = [];
  const pointOf = shape.map((width, layer) => {
    const own = new Uint32Array(width);
    const members = Array.from({ length: kinds.count }, (): number[] => []);
    for (let neuron = 0; neuron < width; neuron++) members[kinds.neuron(layer, neuron)].push(neuron);
    // Undecided neurons are placed between the tasks, inactive and zombie neurons to the right.
    const between = Math.ceil(kinds.declared.length / 2);
    const order = [...members.keys()].filter((kind) => kind !== kinds.undecided);
    order.splice(between, 0, kinds.undecided);
    const perPoint = Math.ceil(width / pointsPerLayer);
    let before = 0;
    let id = 0;
    for (const kind of order) {
      for (let first = 0; first < members[kind].length; first += perPoint) {
        const some = members[kind].slice(first, first + perPoint);
        for (const neuron of some) own[neuron] = points.length;
        points.push({ layer, id: id++, x: (before + some.length / 2) / width, kind, neurons: some.length });
        before += some.length;
      }
    }
    return own;
  });

  const weights = new Array<number>(kinds.count).fill(0);
  const from: number[] = [];
  const to: number[] = [];
  const kind: number[] = [];
  const strength: number[] = [];
  for (let layer = 0; layer < layers - 1; layer++) {
    const counts = new Map<number, number>();
    const { rowWords, wordOffset } = mask.layout;
    for (let output = 0; output < shape[layer + 1]; output++) {
      const target = pointOf[layer + 1][output];
      const row = wordOffset[layer] + output * rowWords[layer];
      for (let word = 0; word < rowWords[layer]; word++) {
        for (let rest = mask.words[row + word]; rest !== 0; rest &= rest - 1) {
          const input = word * 32 + 31 - Math.clz32(rest & -rest);
          const line = pointOf[layer][input] * points.length + target;
          counts.set(line, (counts.get(line) ?? 0) + 1);
          weights[kinds.weight(layer, output, input)]++;
        }
      }
    }
    for (const [line, count] of counts) {
      const [source, target] = [Math.floor(line / points.length), line % points.length];
      from.push(source);
      to.push(target);
      // All neurons of a point are of one kind, so all weights of a line are.
      const [sourceNeuron, targetNeuron] = [pointOf[layer].indexOf(source), pointOf[layer + 1].indexOf(target)];
      kind.push(kinds.weight(layer, targetNeuron, sourceNeuron));
      strength.push(count / (points[source].neurons * points[target].neurons));
    }
  }
  return {
    neuronsPerPoint: Math.max(...points.map(({ neurons }) => neurons)),
    points: {
      layer: Uint16Array.from(points, ({ layer }) => layer),
      id: Uint32Array.from(points, ({ id }) => id),
      x: Float32Array.from(points, ({ x }) => x),
      y: Float32Array.from(points, ({ layer }) => 1 - layer / (layers - 1)),
      kind: Uint8Array.from(points, (point) => point.kind),
      neurons: Uint32Array.from(points, ({ neurons }) => neurons),
    },
    lines: {
      from: Uint32Array.from(from),
      to: Uint32Array.from(to),
      kind: Uint8Array.from(kind),
      strength: Float32Array.from(strength),
    },
    bands: [],
    weights,
  };
}

/** Number of the first point of each layer if every neuron is a point. */
function offsetsOf(shape: Shape): number[] {
  const offsets = [0];
  for (const width of shape) offsets.push(offsets[offsets.length - 1] + width);
  return offsets;
}
