import type { ElementKind, Kernel } from "./kernel.ts";
import { defineLayerKernel, type LayerKernel, type LayerWork } from "./layer_tiles.ts";
import { variantOf } from "./variants.ts";

/** A tile of a matrix product: see `shaders/shared/product.wgsl`. */
interface ProductTile {
  /** Rows and columns of the product that one workgroup computes. */
  readonly rows: number;
  readonly columns: number;
  /** Invocations of a workgroup. */
  readonly invocations: number;
  /** Groups of invocations that share the terms of the same sums. */
  readonly slices: number;
}

const tiles = {
  wide: { rows: 64, columns: 64, invocations: 128, slices: 1 },
  sliced: { rows: 32, columns: 32, invocations: 128, slices: 4 },
  narrow: { rows: 32, columns: 32, invocations: 32, slices: 1 },
} as const satisfies Readonly<Record<string, ProductTile>>;

export type TileName = keyof typeof tiles;

export const tileNames = Object.keys(tiles) as TileName[];

/** Rows or columns of a panel. */
const panel = 32;

/**
 * Fewest wide tiles of one network for which they are chosen: half of the multiprocessors of a large GPU. Below, most
 * of it would be idle, and each tile would take its long way over all terms alone.
 */
const fewestWideTiles = 64;

/** What a tile determines of a kernel. */
function tiled(constants: Kernel["constants"], name: TileName) {
  const { rows, columns, invocations, slices }: ProductTile = tiles[name];
  return {
    workgroup: [invocations, 1] as const,
    tile: [columns, rows] as const,
    constants: { ...constants, tile_rows: rows / panel, tile_columns: columns / panel, slices },
  };
}

/**
 * Declares a kernel that includes `shared/product.wgsl`, with wide tiles; {@link withTile} gives it others. Its extent is
 * the product's.
 */
export function defineProduct<
  const Uniform extends string,
  const Buffers extends Readonly<Record<string, ElementKind>>,
>(kernel: Omit<LayerKernel<Uniform, Buffers>, "workgroup" | "invocations" | "tile">): LayerKernel<Uniform, Buffers> {
  return defineLayerKernel({ ...kernel, ...tiled(kernel.constants, "wide") });
}

/** A kernel with the given tile. */
export function withTile<K extends LayerKernel>(kernel: K, name: TileName): K {
  if (name === "wide") return kernel;
  return variantOf(kernel, name, () => ({ ...kernel, ...tiled(kernel.constants, name) }));
}

/**
 * The tile for the product of a layer. Depends on the layer and the adapter alone, so that a network's bytes do not
 * depend on what else is in training. A software adapter runs a workgroup on one thread and switches between its
 * invocations at every barrier, so it gets the smallest workgroup.
 */
export function tileFor({ extent }: LayerKernel, layer: LayerWork, isSoftware: boolean): TileName {
  if (isSoftware) return "narrow";
  const [columns, rows] = extent(layer);
  const wide = Math.ceil(rows / tiles.wide.rows) * Math.ceil(columns / tiles.wide.columns);
  return wide < fewestWideTiles ? "sliced" : "wide";
}
