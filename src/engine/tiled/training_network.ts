import type { Shape } from "../../base/shape.ts";
import { layerCount } from "../../base/shape.ts";
import type { LayerWork } from "../../kernels/layer_tiles.ts";
import { parameterLayout } from "../../network/parameters.ts";
import type { NetworkMemory } from "../shared/memory.ts";

/** A network in a slot of a tiled population, as far as it determines the calls that train it. */
export interface TrainingNetwork {
  readonly slot: number;
  readonly shape: Shape;
  /** Whether its level keeps the best evaluation. */
  readonly keepsBest: boolean;
  /** By layer, the number of its edges if the sparse kernels train it; undefined if the dense ones do. */
  readonly edges: readonly number[] | undefined;
}

/** A network and its first element in every buffer. */
export interface PlacedNetwork extends Pick<TrainingNetwork, "slot" | "shape"> {
  readonly place: NetworkMemory;
}

/** The work of one layer of a network on rows of `quads` vec4f. */
export function layerWork({ shape, edges }: Omit<TrainingNetwork, "slot">, layer: number, quads: number): LayerWork {
  return {
    inputs: shape[layer],
    outputs: shape[layer + 1],
    quads,
    edges: edges?.[layer] ?? 0,
    parameters: parameterLayout(shape).length / 4,
  };
}

/** Indices of the layers of a shape. */
export function layersOf(shape: Shape): number[] {
  return Array.from({ length: layerCount(shape) }, (_, layer) => layer);
}
