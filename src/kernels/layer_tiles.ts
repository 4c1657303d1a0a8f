import type { ElementKind, Kernel } from "./kernel.ts";

/** One layer of a network, as far as it determines the work of a kernel. */
export interface LayerWork {
  /** Input and output neurons. */
  readonly inputs: number;
  readonly outputs: number;
  /** vec4f per row of samples. */
  readonly quads: number;
  /** Kept weights of the layer, for the sparse kernels. */
  readonly edges: number;
  /** vec4f of all parameters of the network. */
  readonly parameters: number;
}

type BufferKinds = Readonly<Record<string, ElementKind>>;

/** A kernel that computes one layer of several networks of any widths: see `shaders/shared/layers.wgsl`. */
export interface LayerKernel<Uniform extends string = string, Buffers extends BufferKinds = BufferKinds>
  extends Kernel<Uniform, Buffers> {
  /** Columns and rows of the work of a layer. */
  readonly extent: (layer: LayerWork) => readonly [columns: number, rows: number];
  /** Columns and rows of a tile, the work of one workgroup; default one for each invocation. */
  readonly tile?: readonly [columns: number, rows: number];
}

/** Words of a `Tile`: network, x, y. */
export const tileWords = 3;

/** Maximum number of workgroups of a row of the grid; every adapter takes 65,535. */
const mostAcross = 32768;

/** Declares a kernel whose grid is a list of tiles; its uniform has the number of them. */
export function defineLayerKernel<const Uniform extends string, const Buffers extends BufferKinds>(
  kernel: Omit<LayerKernel<Uniform, Buffers>, "invocations">,
): LayerKernel<Uniform, Buffers> {
  const invocations: Kernel["invocations"] = ({ tiles }, [x, y]) => [
    Math.min(tiles, mostAcross) * x,
    Math.ceil(tiles / mostAcross) * y,
  ];
  return { ...kernel, invocations } as LayerKernel<Uniform, Buffers>;
}

/** Tiles of a layer in x and y. */
export function tilesOf(
  { extent, tile, workgroup }: Pick<LayerKernel, "extent" | "tile" | "workgroup">,
  layer: LayerWork,
): readonly [x: number, y: number] {
  const [columns, rows] = extent(layer);
  const [across, down] = tile ?? workgroup;
  return [Math.ceil(columns / across), Math.ceil(rows / down)];
}

/**
 * Writes the tiles of a layer of a network to a list, row by row.
 * @param at word of the list
 * @returns the word after them
 */
export function putTiles(
  list: Uint32Array,
  at: number,
  network: number,
  [across, down]: readonly [x: number, y: number],
): number {
  let next = at;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      list[next] = network;
      list[next + 1] = x;
      list[next + 2] = y;
      next += tileWords;
    }
  }
  return next;
}
