import { checkFinite } from "../../kernels/check_finite.ts";
import { keepBest } from "../../kernels/keep_best.ts";
import { type LayerKernel, tilesOf } from "../../kernels/layer_tiles.ts";
import { tileFor, tileNames, withTile } from "../../kernels/product_tiles.ts";
import { layerWork, type TrainingNetwork } from "./training_network.ts";
import { type KernelVariants, updateKernels } from "./variants.ts";

export type SplitName = "train" | "validation";

/** A call that computes one layer of all networks that its kernel trains. */
export interface LayerCall {
  readonly kernel: LayerKernel;
  readonly split: SplitName;
  readonly layer: number;
  /** Whether the kernel trains this layer of a network. Depends on the network alone. */
  takes(network: Network): boolean;
}

type Network = Omit<TrainingNetwork, "slot">;

/** What determines the calls of a population. */
interface Sizes {
  readonly layers: number;
  readonly trainQuads: number;
  readonly validationQuads: number;
  readonly kernels: KernelVariants;
  /** Tiles of a software adapter instead of those of a GPU. */
  readonly isSoftware: boolean;
}

/** The layer calls of a step and of an evaluation, in their order. */
export interface LayerCalls {
  readonly forward: readonly LayerCall[];
  readonly backward: readonly LayerCall[];
  readonly update: readonly LayerCall[];
  readonly validation: readonly LayerCall[];
  readonly check: readonly LayerCall[];
  readonly keep: readonly LayerCall[];
}

export function layerCalls(sizes: Sizes): LayerCalls {
  const { denseForward, sparseForward, denseBackward, sparseBackward } = sizes.kernels;
  const { denseUpdate, sparseUpdate } = updateKernels;
  const layers = Array.from({ length: sizes.layers }, (_, layer) => layer);
  /** Dense kernels with either tile and sparse ones: each network is trained by one of the three. */
  const stage = (split: SplitName, layer: number, dense: LayerKernel, sparse: LayerKernel): LayerCall[] => [
    ...tileNames.map((name) => ({
      kernel: withTile(dense, name),
      split,
      layer,
      takes: (network: Network) =>
        !network.edges && tileFor(dense, layerWork(network, layer, quadsOf(sizes, split)), sizes.isSoftware) === name,
    })),
    { kernel: sparse, split, layer, takes: ({ edges }) => edges !== undefined },
  ];
  const forward = (split: SplitName) => layers.flatMap((layer) => stage(split, layer, denseForward, sparseForward));
  return {
    forward: forward("train"),
    // Layer 0 needs no input gradients.
    backward: layers
      .slice(1)
      .reverse()
      .flatMap((layer) => stage("train", layer, denseBackward, sparseBackward)),
    update: layers.flatMap((layer) => stage("train", layer, denseUpdate, sparseUpdate)),
    validation: forward("validation"),
    check: [{ kernel: checkFinite, split: "train", layer: 0, takes: () => true }],
    keep: [{ kernel: keepBest, split: "train", layer: 0, takes: (network) => network.keepsBest }],
  };
}

export function quadsOf(sizes: Pick<Sizes, "trainQuads" | "validationQuads">, split: SplitName): number {
  return split === "train" ? sizes.trainQuads : sizes.validationQuads;
}

/** Tiles of a network in a call that takes it, in x and y. */
export function callTiles(sizes: Sizes, { kernel, split, layer }: LayerCall, network: Network) {
  return tilesOf(kernel, layerWork(network, layer, quadsOf(sizes, split)));
}

/** Tiles of a network in the lists of all calls. */
export function tilesOfNetwork(sizes: Sizes, calls: LayerCalls, network: Network): number {
  return Object.values(calls)
    .flat()
    .filter((call: LayerCall) => call.takes(network))
    .reduce((sum: number, call: LayerCall) => {
      const [x, y] = callTiles(sizes, call, network);
      return sum + x * y;
    }, 0);
}
