import * as z from "zod";
import { columnList, columnSet } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import { keyTexts } from "../base/key_texts.ts";
import { RandomStream } from "../base/random.ts";
import type { TrainedTask } from "../base/task.ts";
import { combination, subFunction } from "./boolean_functions.ts";
import type { Dataset, Split } from "./dataset.ts";
import type { DatasetEntry } from "./entry.ts";
import { standardize } from "./standardize.ts";

/** Blocks of inputs, and the blocks that each output depends on: those of one function, or of two that are combined. */
const graphs = {
  independent: { blocks: 2, outputs: [[0], [1]] },
  shared: {
    blocks: 3,
    outputs: [
      [0, 1],
      [1, 2],
    ],
  },
  hierarchical: { blocks: 2, outputs: [[0], [1], [0, 1]] },
} as const;
const graphNames = ["independent", "shared", "hierarchical"] as const;
type GraphName = (typeof graphNames)[number];

const defaults = { graph: "independent", bits: 6 } as const;
/** Training samples at least: all inputs are repeated as a whole until there are as many. */
const fewestSamples = 1000;

const options = {
  graph: z
    .enum(graphNames)
    .optional()
    .register(keyTexts, {
      label: "Graph",
      meaning:
        "how Boolean functions depend on each other: not at all, by a function that two outputs use, or one of the others' results",
      give: `a graph: ${graphNames.join(", ")}`,
      standard: defaults.graph,
    }),
  bits: z
    .int()
    .min(4)
    .max(12)
    .optional()
    .register(keyTexts, {
      label: "Bits",
      meaning: "inputs of the Boolean functions, a multiple of 2, with graph=shared of 3",
      give: "an integer from 4 to 12",
      standard: String(defaults.bits),
    }),
};

/** Inputs of each block: block b has `size` of them from b * size. */
function blockSize(graph: GraphName, bits: number): number {
  const { blocks } = graphs[graph];
  if (bits % blocks === 0) return bits / blocks;
  const below = bits - (bits % blocks);
  const fit = [below, below + blocks].filter((one) => one >= 4 && one <= 12);
  throw new InputError(
    `bits ${bits} cannot be divided among the ${blocks} functions of graph=${graph}: give bits=${fit.join(" or ")}`,
  );
}

function tasksOf(graph: GraphName, bits: number): TrainedTask[] {
  const size = blockSize(graph, bits);
  return graphs[graph].outputs.map((blocks, output) => ({
    name: `y${output}`,
    kind: "binary",
    inputs: columnSet(blocks.flatMap((block) => columnList({ start: block * size, count: size }))),
    outputs: { start: output, count: 1 },
  }));
}

const coverage = "output";

/**
 * Boolean functions whose dependence on the inputs is known exactly, after Patil, Michael and Dovrolis (Neural Sculpting, NeurIPS 2023):
 * sub-functions have inputs of their own and may be used again. Each block of inputs has a sub-function, drawn by the data seed from those that are
 * 1 for half of their inputs and depend on every one.
 *
 * `independent`: y0 = a(A), y1 = b(B). `shared`: y0 = f(a(A), s(S)), y1 = g(s(S), b(B)), with S in the middle columns. `hierarchical`: y0 = a(A),
 * y1 = b(B), y2 = f(a(A), b(B)). f and g are drawn from the ten functions of two bits that depend on both.
 *
 * Each task owns the inputs that its output depends on. The training samples are all 2^bits inputs in the order of their numbers, input 0 being the highest bit, repeated as a
 * whole up to at least 1,000 samples; the validation samples are all inputs once. So the score tells whether the function is known, not whether it is generalised.
 */
export const boolean: DatasetEntry<typeof options> = {
  name: "boolean",
  summary: "Boolean functions with a known graph: independent, with a shared sub-function, or hierarchical",
  options,
  defaults,
  sources: [],
  check: ({ graph = defaults.graph, bits = defaults.bits }) => void blockSize(graph, bits),
  outline: ({ graph = defaults.graph, bits = defaults.bits }) => ({ tasks: tasksOf(graph, bits), coverage }),
  load({ dataSeed, options: { graph = defaults.graph, bits = defaults.bits } }): Dataset {
    const tasks = tasksOf(graph, bits);
    const size = blockSize(graph, bits);
    const outputs = functionsOf(graph, size, dataSeed);
    const all = 2 ** bits;
    const split = (repeats: number): Split => {
      const samples = all * repeats;
      const features = new Float32Array(samples * bits);
      const labels = new Uint32Array(tasks.length * samples);
      for (let sample = 0; sample < samples; sample++) {
        const input = sample % all;
        for (let bit = 0; bit < bits; bit++) features[sample * bits + bit] = (input >> (bits - 1 - bit)) & 1;
        outputs.forEach((output, task) => {
          labels[task * samples + sample] = output((block) => (input >> (bits - size * (block + 1))) & (2 ** size - 1));
        });
      }
      return { samples, features, labels };
    };
    const train = split(Math.ceil(fewestSamples / all));
    return {
      ...{ name: "boolean", coverage, tasks, inputs: bits, outputs: tasks.length },
      ...{ train, validation: split(1), ...standardize(train.features, bits) },
    };
  },
};

/** Each output as a function of the numbers that the bits of the blocks make. */
function functionsOf(graph: GraphName, size: number, dataSeed: number) {
  const { blocks, outputs } = graphs[graph];
  const tables = Array.from({ length: blocks }, (_, block) =>
    subFunction(size, new RandomStream(dataSeed, "datasetPoints", block)),
  );
  return outputs.map((used: readonly number[], output) => {
    if (used.length === 1) return (bitsOf: (block: number) => number) => tables[used[0]][bitsOf(used[0])];
    const combined = combination(new RandomStream(dataSeed, "datasetPoints", blocks + output));
    return (bitsOf: (block: number) => number) => {
      const [a, b] = used.map((block) => tables[block][bitsOf(block)]);
      return combined[2 * a + b];
    };
  });
}
