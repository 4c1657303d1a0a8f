import { edgeLayout, edgeLists } from "../../src/engine/tiled/edge_lists.ts";
import type { LayerKernel } from "../../src/kernels/layer_tiles.ts";
import { Mask } from "../../src/mask/mask.ts";
import { padTo4, parameterLayout } from "../../src/network/parameters.ts";
import { dirtyFloats, dirtyWords, networkStructs, normals } from "./harness.ts";
import { layerRecords, listOf } from "./listed_layers.ts";

/** A layer in the middle of a network of three, and what each network of a population keeps of it. */
export interface SparseCase {
  readonly inputs: number;
  readonly outputs: number;
  readonly quads: number;
  /** Share of the edges that each network keeps: 0 none, 1 all; one network of 0.3 when left out. */
  readonly densities?: readonly number[];
  /** Members of each network's `Network`; running by default. */
  readonly networks?: readonly Readonly<Record<string, number>>[];
  /** Networks that the call does not list; default none. */
  readonly unlisted?: readonly number[];
  /** Selects the kept edges, instead of `densities`. */
  readonly keeps?: (output: number, input: number) => boolean;
  /** Selects the kept biases; default all. */
  readonly keepsBias?: (output: number) => boolean;
}

/** The memory of {@link SparseCase}: kept weights are normal, everything that no kernel may read holds garbage. */
export function sparseLayer({
  inputs,
  outputs,
  quads,
  densities,
  networks,
  unlisted = [],
  keeps,
  keepsBias,
}: SparseCase) {
  const shape = [3, inputs, outputs, 2];
  const parameters = parameterLayout(shape);
  const layout = edgeLayout(shape);
  const slots = networks?.length ?? densities?.length ?? 1;
  const masks = Array.from({ length: slots }, (_, n) => {
    const mask = Mask.full(shape);
    const density = densities?.[n] ?? 0.3;
    const order = normals(inputs * outputs, 50 + n);
    const threshold = order.slice().sort()[Math.round(density * order.length)] ?? Number.POSITIVE_INFINITY;
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) mask.set(1, o, i, keeps?.(o, i) ?? order[o * inputs + i] < threshold);
      mask.setBias(1, o, keepsBias?.(o) ?? true);
    }
    return mask;
  });
  const lists = masks.map((mask) => edgeLists(shape, mask));
  const networkEdges = Math.max(...lists.map(({ words }) => words.length));
  const edges = dirtyWords(slots * networkEdges);
  lists.forEach(({ words }, n) => {
    edges.set(words, n * networkEdges);
  });

  /** Rows of samples of every network; rows past the last neuron hold garbage. */
  const rows = (neurons: number, seed: number) => {
    const filled = dirtyFloats(slots * padTo4(neurons) * quads * 4);
    const values = normals(slots * neurons * quads * 4, seed);
    const length = neurons * quads * 4;
    for (let n = 0; n < slots; n++) {
      filled.set(values.subarray(n * length, (n + 1) * length), n * padTo4(neurons) * quads * 4);
    }
    return filled;
  };
  /** Garbage, except for the `value` of each kept weight and bias of each network. */
  const elements = (seed: number) => {
    const filled = dirtyFloats(slots * parameters.length);
    const values = normals(slots * (inputs + 1) * outputs, seed);
    masks.forEach((mask, n) => {
      for (let o = 0; o < outputs; o++) {
        const from = (n * outputs + o) * (inputs + 1);
        for (let i = 0; i < inputs; i++) {
          if (mask.has(1, o, i)) filled[n * parameters.length + weightAt(o, i)] = values[from + i];
        }
        if (mask.hasBias(1, o)) filled[n * parameters.length + biasAt(o)] = values[from + inputs];
      }
    });
    return filled;
  };
  const weightAt = (o: number, i: number) => parameters.weightOffset[1] + o * parameters.rowStride[1] + i;
  const biasAt = (o: number) => parameters.biasOffset[1] + o;
  return {
    slots,
    masks,
    columns: quads * 4,
    /** Elements of one network's parameters. */
    length: parameters.length,
    weightAt,
    biasAt,
    rows,
    elements,
    networks: networkStructs(Array.from({ length: slots }, (_, n) => ({ ...networks?.[n] }))),
    edges,
    layers: layerRecords(
      masks.map((_, n) => ({
        inputs,
        outputs,
        parametersAt: (n * parameters.length) / 4,
        parameters: parameters.length / 4,
        weightsAt: parameters.weightOffset[1] / 4,
        biasesAt: parameters.biasOffset[1] / 4,
        edgesAt: n * networkEdges,
        rowsAt: layout.rowsAt[1],
        columnsAt: layout.columnsAt[1],
        inputRowsAt: n * padTo4(inputs),
        outputRowsAt: n * padTo4(outputs),
      })),
    ),
    /** The tiles of a kernel for the networks that it computes, and its uniform members. */
    listFor: (kernel: LayerKernel) =>
      listOf(
        kernel,
        lists.map(({ counts }, n) => (unlisted.includes(n) ? undefined : { inputs, outputs, quads, edges: counts[1] })),
      ),
  };
}

/** Sizes around the edges of a workgroup of 2 x 2 and of 8 x 8, and around a multiple of 4. */
export const edgeSizes = [1, 3, 4, 5, 8, 9];
