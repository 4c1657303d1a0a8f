import type { ElementKind, Kernel } from "./kernel.ts";
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

/** A kernel that computes a matrix product for each network of the population. */
export interface ProductKernel<
  Uniform extends string = string,
  Buffers extends Readonly<Record<string, ElementKind>> = Readonly<Record<string, ElementKind>>,
> extends Kernel<Uniform, Buffers> {
  /** Rows and columns of the product of a call. */
  readonly productSize: (uniform: Readonly<Record<Uniform, number>>) => readonly [rows: number, columns: number];
}

/** What a tile determines of a kernel. */
function tiled(productSize: ProductKernel["productSize"], constants: Kernel["constants"], name: TileName) {
  const tile: ProductTile = tiles[name];
  return {
    workgroup: [tile.invocations, 1] as const,
    constants: {
      ...constants,
      tile_rows: tile.rows / panel,
      tile_columns: tile.columns / panel,
      slices: tile.slices,
    },
    invocations: (uniform: Readonly<Record<string, number>>) => {
      const [rows, columns] = productSize(uniform);
      return [Math.ceil(columns / tile.columns) * tile.invocations, Math.ceil(rows / tile.rows)] as const;
    },
  };
}

/** Declares a kernel that includes `shared/product.wgsl`, with wide tiles; {@link withTile} gives it others. */
export function defineProduct<
  const Uniform extends string,
  const Buffers extends Readonly<Record<string, ElementKind>>,
>(kernel: Omit<ProductKernel<Uniform, Buffers>, "workgroup" | "invocations">): ProductKernel<Uniform, Buffers> {
  return { ...kernel, ...tiled(kernel.productSize, kernel.constants, "wide") } as ProductKernel<Uniform, Buffers>;
}

/** A kernel with the given tile. */
export function withTile<K extends ProductKernel>(kernel: K, name: TileName): K {
  if (name === "wide") return kernel;
  return variantOf(kernel, name, () => ({ ...kernel, ...tiled(kernel.productSize, kernel.constants, name) }));
}

/**
 * A kernel with the tile for the size of a call's product. The size of the population does not matter, so that a
 * network's bytes do not depend on what else is in training. A software adapter runs a workgroup on one thread and
 * switches between its invocations at every barrier, so it gets the smallest workgroup.
 */
export function withTileFor<K extends ProductKernel>(
  kernel: K,
  uniform: Readonly<Record<string, number>>,
  isSoftware: boolean,
): K {
  if (isSoftware) return withTile(kernel, "narrow");
  const [rows, columns] = kernel.productSize(uniform);
  const wide = Math.ceil(rows / tiles.wide.rows) * Math.ceil(columns / tiles.wide.columns);
  return withTile(kernel, wide < fewestWideTiles ? "sliced" : "wide");
}
