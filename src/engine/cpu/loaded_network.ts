import { adamConstants, defaultMomentum } from "../../network/optimizers/constants.ts";
import { rateOfStep } from "../../network/schedules/rate.ts";
import type { ScheduleNumbers } from "../../network/schedules/schedule.ts";
import type { LevelSettings } from "../engine.ts";
import type { CompactLayer, CompactNetwork } from "./compact_network.ts";
import type { SimdModule } from "./module.ts";

/** A layer in a module's memory; all members except counts and `kind` are byte addresses. */
type LoadedLayer = {
  readonly targets: number;
  readonly sources: number;
  readonly weights: number;
  readonly biases: number;
  readonly weightGradients: number;
  readonly biasGradients: number;
  /** Inputs and outputs of the layer: f32 [neuron][column]. */
  readonly x: number;
  readonly z: number;
  /** Gradients of the loss with respect to `x` and to `z`. */
  readonly dx: number;
  readonly dz: number;
  /** Targets whose bias is pruned. */
  readonly biasHoles: number;
  readonly biasHoleCount: number;
} & (
  | { readonly kind: "dense"; readonly holes: number; readonly holeCount: number }
  | {
      readonly kind: "edges";
      readonly targetStarts: number;
      readonly edgeSources: number;
      readonly sourceStarts: number;
      readonly edgeTargets: number;
      readonly edgeWeights: number;
    }
);

/**
 * A compact network in a module's memory, with the state of its optimiser and the activations of one batch. Parameters,
 * gradients and moments are contiguous arrays, all weights first, then all biases, so that one call updates all
 * parameters:
 *
 *     values     [ weights of layer 0 | layer 1 | .. | biases of layer 0 | .. | 0 0 ]    padded to a multiple of 4
 *     gradients  [ the same                                                         ]
 */
export class LoadedNetwork {
  readonly inputs: number;
  readonly inputCount: number;
  /** Address of the inputs of the batch, f32 [input][column]. */
  readonly x: number;
  /** Address of the logits and of their gradients, f32 [output][column]. */
  readonly logits: number;
  readonly logitGradients: number;
  readonly #layers: LoadedLayer[];
  readonly #count: number;
  readonly #values: number;
  readonly #best: number;
  readonly #gradients: number;
  readonly #first: number;
  readonly #second: number;

  /**
   * @param initial values of all parameters in the layout of src/network/parameters.ts
   * @param stride bytes of a row of activations: a multiple of 32
   */
  constructor(
    readonly module: SimdModule,
    readonly network: CompactNetwork,
    initial: Float32Array,
    readonly stride: number,
    /** Activation of the hidden layers. */
    readonly activation: string,
  ) {
    const { neurons, layers, biasHoles, elements } = network;
    this.#count = Math.ceil(elements.length / 4) * 4;
    [this.#values, this.#best, this.#gradients, this.#first, this.#second] = Array.from({ length: 5 }, () =>
      module.reserve(this.#count * 4),
    );
    const activations = neurons.map(({ length }) => module.reserve(length * stride));
    const gradients = neurons.map(({ length }) => module.reserve(length * stride));
    this.inputs = module.upload(neurons[0]);
    this.inputCount = neurons[0].length;
    this.x = activations[0];
    this.logits = activations[layers.length];
    this.logitGradients = gradients[layers.length];

    let weight = 0;
    let bias = layers.reduce((sum, layer) => sum + weightEntries(layer), 0);
    this.#layers = layers.map((layer, l) => {
      const loaded = {
        targets: layer.targets,
        sources: layer.sources,
        weights: this.#values + weight * 4,
        biases: this.#values + bias * 4,
        weightGradients: this.#gradients + weight * 4,
        biasGradients: this.#gradients + bias * 4,
        x: activations[l],
        z: activations[l + 1],
        dx: gradients[l],
        dz: gradients[l + 1],
        biasHoles: module.upload(biasHoles[l]),
        biasHoleCount: biasHoles[l].length,
      };
      weight += weightEntries(layer);
      bias += layer.targets;
      if (layer.kind === "dense") {
        return { ...loaded, kind: "dense", holes: module.upload(layer.holes), holeCount: layer.holes.length };
      }
      return {
        ...loaded,
        kind: "edges",
        targetStarts: module.upload(layer.targetStarts),
        edgeSources: module.upload(layer.edgeSources.map((source) => source * stride)),
        sourceStarts: module.upload(layer.sourceStarts),
        edgeTargets: module.upload(layer.edgeTargets.map((target) => target * stride)),
        edgeWeights: module.upload(layer.edgeNumbers.map((edge) => edge * 4)),
      };
    });
    const values = module.floats(this.#values, elements.length);
    for (let k = 0; k < elements.length; k++) values[k] = initial[elements[k]];
    for (const layer of this.#layers) {
      module.kernels.zeroEntries(layer.biases, layer.biasHoles, layer.biasHoleCount);
      if (layer.kind === "dense") module.kernels.zeroEntries(layer.weights, layer.holes, layer.holeCount);
    }
  }

  /** Computes the logits of the batch from its inputs. */
  forward(columns: number): void {
    const { kernels } = this.module;
    const { forwardDense, forwardEdges } = kernels;
    for (const [l, layer] of this.#layers.entries()) {
      const { targets, sources, weights, biases, x, z } = layer;
      const isHidden = l < this.#layers.length - 1;
      const relu = isHidden && this.activation === "relu" ? 1 : 0;
      if (layer.kind === "dense") forwardDense(weights, biases, targets, sources, x, z, columns, this.stride, relu);
      else {
        const { targetStarts, edgeSources } = layer;
        forwardEdges(targetStarts, edgeSources, weights, biases, targets, x, z, columns, this.stride, relu);
      }
      if (isHidden && relu === 0) kernels[`${this.activation}Activated`](z, targets, columns, this.stride);
    }
  }

  /** Computes the gradients of all parameters from the gradients of the logits. */
  backward(columns: number): void {
    const { kernels } = this.module;
    const relu = this.activation === "relu" ? 1 : 0;
    for (let l = this.#layers.length - 1; l >= 0; l--) {
      const layer = this.#layers[l];
      const { targets, sources, weights, weightGradients, x, dx, dz } = layer;
      kernels.biasGradient(dz, targets, columns, this.stride, layer.biasGradients);
      kernels.zeroEntries(layer.biasGradients, layer.biasHoles, layer.biasHoleCount);
      if (layer.kind === "dense") {
        kernels.gradientDense(dz, x, targets, sources, columns, this.stride, weightGradients);
        kernels.zeroEntries(weightGradients, layer.holes, layer.holeCount);
        if (l > 0) kernels.backwardDense(weights, targets, sources, dz, x, dx, columns, this.stride, relu);
      } else {
        const { targetStarts, edgeSources, sourceStarts, edgeTargets, edgeWeights } = layer;
        kernels.gradientEdges(targetStarts, edgeSources, targets, dz, x, columns, this.stride, weightGradients);
        if (l > 0) {
          kernels.backwardEdges(
            sourceStarts,
            edgeTargets,
            edgeWeights,
            weights,
            sources,
            dz,
            x,
            dx,
            columns,
            this.stride,
            relu,
          );
        }
      }
      if (l > 0 && relu === 0) kernels[`${this.activation}PassedBack`](dx, x, sources, columns, this.stride);
    }
  }

  /**
   * @param schedule the numbers of the settings' schedule
   * @param step number of this optimiser step within the level, from 1
   */
  update(settings: LevelSettings, schedule: ScheduleNumbers, step: number): void {
    const { optimizer, lr, momentum = defaultMomentum, weightDecay = 0, l1 = 0 } = settings;
    const { kernels } = this.module;
    const rate = rateOfStep(lr, schedule, step);
    const kept = 1 - rate * weightDecay;
    if (optimizer === "sgd") {
      kernels.momentum(this.#values, this.#first, this.#gradients, this.#count, kept, rate, momentum);
    } else this.#adamStep(kept, rate, step);
    if (l1 > 0) kernels.shrink(this.#values, this.#count, rate * l1);
  }

  #adamStep(kept: number, rate: number, step: number): void {
    const { kernels } = this.module;
    const { beta1, beta2, epsilon } = adamConstants;
    // 1 - beta^t without cancellation.
    const correction1 = -Math.expm1(step * Math.log(beta1));
    const correction2 = -Math.expm1(step * Math.log(beta2));
    kernels.adam(
      this.#values,
      this.#first,
      this.#second,
      this.#gradients,
      this.#count,
      kept,
      rate / correction1,
      1 / Math.sqrt(correction2),
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      epsilon,
    );
  }

  /** Stores a copy of the current parameters for {@link restoreBest}. */
  keepBest(): void {
    this.module.floats(this.#best, this.#count).set(this.module.floats(this.#values, this.#count));
  }

  restoreBest(): void {
    this.module.floats(this.#values, this.#count).set(this.module.floats(this.#best, this.#count));
  }

  /**
   * The state of the network: values, moments and best values of the parameters, each in the order of
   * {@link CompactNetwork.elements}.
   */
  save() {
    const part = (address: number) => this.module.floats(address, this.network.elements.length).slice();
    return {
      parameters: part(this.#values),
      firstMoments: part(this.#first),
      secondMoments: part(this.#second),
      bestParameters: part(this.#best),
    };
  }

  /** Sets the state of the network; empty best parameters leave those as they are. */
  restore({ parameters, firstMoments, secondMoments, bestParameters }: ReturnType<LoadedNetwork["save"]>): void {
    const set = (address: number, from: Float32Array) => this.module.floats(address, from.length).set(from);
    set(this.#values, parameters);
    set(this.#first, firstMoments);
    set(this.#second, secondMoments);
    set(this.#best, bestParameters);
  }

  /** Whether all parameters and moments are finite. Values that are not never become finite again. */
  get isFinite(): boolean {
    const { areFinite } = this.module.kernels;
    return [this.#values, this.#first, this.#second].every((values) => areFinite(values, this.#count) !== 0);
  }

  /** The first and second moments at the positions of their parameters among `length`; 0 where none is computed. */
  moments(length: number): [first: Float32Array<ArrayBuffer>, second: Float32Array<ArrayBuffer>] {
    const read = (at: number) => {
      const all = new Float32Array(length);
      this.#store(at, all);
      return all;
    };
    return [read(this.#first), read(this.#second)];
  }

  /** Writes the computed parameters to their positions in an array of all parameters. */
  store(all: Float32Array): void {
    this.#store(this.#values, all);
  }

  #store(at: number, all: Float32Array): void {
    const { elements } = this.network;
    const values = this.module.floats(at, elements.length);
    for (let k = 0; k < elements.length; k++) all[elements[k]] = values[k];
  }
}

/** Number of stored weights of a layer: the whole matrix, or one per edge. */
function weightEntries(layer: CompactLayer): number {
  return layer.kind === "dense" ? layer.targets * layer.sources : layer.edgeSources.length;
}
