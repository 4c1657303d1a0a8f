import { feistelHalfBits, orderKeys } from "../../base/random.ts";
import type { Dataset, Split } from "../../dataset/dataset.ts";
import type { SimdModule } from "./module.ts";

/** A split in a module's memory; pointers are byte addresses. */
export interface LoadedSplit {
  readonly samples: number;
  readonly features: number;
  /** u32 [task][sample] */
  readonly labels: number;
  /** u32 [position]: the sample order. */
  readonly order: number;
}

/** A dataset in a module's memory. */
export class LoadedDataset {
  readonly train: LoadedSplit;
  readonly validation: LoadedSplit;
  readonly #mean: number;
  readonly #scale: number;
  readonly #keys: number;
  readonly #halfBits: number;

  constructor(
    readonly module: SimdModule,
    readonly dataset: Dataset,
  ) {
    this.train = load(module, dataset.train);
    this.validation = load(module, dataset.validation);
    this.#mean = module.upload(dataset.mean);
    this.#scale = module.upload(dataset.scale);
    this.#keys = module.reserve(orderKeys(0, 0, 0).byteLength);
    this.#halfBits = feistelHalfBits(dataset.train.samples);
  }

  /** Writes the order of the training samples in an epoch: `epochOrder` in src/base/random.ts. */
  orderEpoch(seed: number, level: number, epoch: number): void {
    const keys = orderKeys(seed, level, epoch);
    this.module.words(this.#keys, keys.length).set(keys);
    this.module.kernels.sampleOrder(this.train.order, this.train.samples, this.#halfBits, this.#keys);
  }

  /**
   * Copies samples to columns and standardises them.
   * @param samples u32 [filled]
   * @param inputs the used inputs: u32 [inputCount]
   * @param out f32 [inputCount][column], `stride` bytes per row
   */
  gather(
    split: LoadedSplit,
    samples: number,
    filled: number,
    columns: number,
    inputs: number,
    inputCount: number,
    out: number,
    stride: number,
  ): void {
    const { gatherBytes, gatherFloats } = this.module.kernels;
    const { inputs: row, train } = this.dataset;
    const gather = train.features instanceof Uint8Array ? gatherBytes : gatherFloats;
    gather(split.features, row, this.#mean, this.#scale, inputs, inputCount, samples, filled, columns, out, stride);
  }
}

function load(module: SimdModule, { samples, features, labels }: Split): LoadedSplit {
  return {
    samples,
    features: module.upload(features),
    labels: module.upload(labels),
    order: module.upload(Uint32Array.from({ length: samples }, (_, sample) => sample)),
  };
}
