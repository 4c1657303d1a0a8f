import type { StructArray } from "../base/struct_array.ts";

/** One layer of a network that a call computes; places count elements. */
export interface ListedLayer {
  readonly network: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Elements of a row of weights. */
  readonly rowStride: number;
  /** First element of the network's parameters, and their number. */
  readonly parametersAt: number;
  readonly parameters: number;
  /** First element of the layer's weights and biases, within the network's parameters. */
  readonly weights: number;
  readonly biases: number;
  /** First words of the layer's mask, and of the mask of its biases. */
  readonly maskAt: number;
  readonly biasMaskAt: number;
  /** First words of the network's edge lists, and of the layer's rows and columns. */
  readonly edgesAt: number;
  readonly rowsAt: number;
  readonly columnsAt: number;
  /** First rows of samples of its inputs and outputs. */
  readonly inputRowsAt: number;
  readonly outputRowsAt: number;
}

interface List {
  readonly firstTile: number;
  readonly tiles: number;
  readonly layers: number;
  readonly layer?: number;
}

interface Buffers {
  readonly tiles: StructArray;
  readonly layers: StructArray;
}

/** The networks that have a tile in the list of a call. A twin computes the whole layer of each. */
export function listedLayers({ firstTile, tiles, layers, layer = 0 }: List, buffers: Buffers): ListedLayer[] {
  const networks = new Set<number>();
  for (let tile = firstTile; tile < firstTile + tiles; tile++) networks.add(buffers.tiles.get(tile, "network"));
  return [...networks].map((network) => {
    const get = (field: string) => buffers.layers.get(network * layers + layer, field);
    const edgesAt = get("edgesAt");
    return {
      network,
      inputs: get("inputs"),
      outputs: get("outputs"),
      rowStride: Math.ceil(get("inputs") / 4) * 4,
      parametersAt: get("parametersAt") * 4,
      parameters: get("parameters") * 4,
      weights: get("weightsAt") * 4,
      biases: get("biasesAt") * 4,
      maskAt: get("maskAt"),
      biasMaskAt: get("biasMaskAt"),
      edgesAt,
      rowsAt: edgesAt + get("rowsAt"),
      columnsAt: edgesAt + get("columnsAt"),
      inputRowsAt: get("inputRowsAt"),
      outputRowsAt: get("outputRowsAt"),
    };
  });
}
