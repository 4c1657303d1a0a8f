import { StructArray } from "../../src/base/struct_array.ts";
import { denseUpdate } from "../../src/kernels/dense_update.ts";
import { type LayerKernel, type LayerWork, putTiles, tilesOf, tileWords } from "../../src/kernels/layer_tiles.ts";
import { structOf } from "../../src/kernels/reflect.ts";
import { dirtyWord, structs } from "./harness.ts";

/** Layer records of networks of two layers, of which the second is under test. The first holds garbage. */
export function layerRecords(records: readonly Readonly<Record<string, number>>[]): StructArray {
  return structs(
    denseUpdate,
    "layers",
    records.flatMap((record) => [{}, record]),
  );
}

/** Garbage tiles before and after the listed ones. */
const around = 2;

/**
 * The list of the tiles of layer 1 of some networks, the last network first, and its uniform members.
 * @param works by network, its work, or undefined if the call does not compute it
 */
export function listOf(kernel: LayerKernel, works: readonly (Partial<LayerWork> | undefined)[]) {
  const words: number[] = [];
  let count = 0;
  for (let network = works.length - 1; network >= 0; network--) {
    const work = works[network];
    if (!work) continue;
    const tiles = tilesOf(kernel, { inputs: 0, outputs: 0, quads: 0, edges: 0, parameters: 0, ...work });
    const list = new Uint32Array(tiles[0] * tiles[1] * tileWords);
    putTiles(list, 0, network, tiles);
    words.push(...list);
    count += tiles[0] * tiles[1];
  }
  const garbage = Array<number>(around * tileWords).fill(dirtyWord);
  const bytes = Uint32Array.from([...garbage, ...words, ...garbage]).buffer;
  return {
    tiles: new StructArray(structOf(kernel, "tiles"), bytes),
    uniform: { firstTile: around, tiles: count, layer: 1, layers: 2 },
  };
}
