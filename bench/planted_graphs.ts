import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlantedPairs, plantedPairs } from "../src/analysis/planted_pairs.ts";
import { datasetOutline } from "../src/dataset/load.ts";
import { nodeFiles, readRunFolder, run } from "../src/node.ts";

const graphs = ["independent", "shared", "hierarchical"] as const;
const [seeds, dataSeeds] = [
  [0, 1, 2, 3, 4],
  [0, 1],
];
const bits = 6;

/** A level of a run, compared with the graph. */
interface Compared extends PlantedPairs {
  readonly remaining: number;
}

/**
 * How well pruning recovers the graph of a Boolean function: F1 over the pairs of an input and an output, those that a path of kept
 * weights joins against those of which the output depends on the input. Means over all seeds, for the dense network, the
 * smallest network that answers every task within its tolerance, and the last.
 */
export async function benchPlantedGraphs(): Promise<string[]> {
  const lines = [
    `planted graphs: ${bits} bits, means over ${seeds.length} seeds of ${dataSeeds.length} draws of the functions each (F1 = 1: how many)`,
    "  graph         network               weights  precision   recall        F1",
  ];
  const folder = await mkdtemp(join(tmpdir(), "split-ticket-planted-"));
  try {
    for (const graph of graphs) lines.push(...(await rowsOf(graph, folder)));
  } finally {
    await rm(folder, { recursive: true });
  }
  return lines;
}

async function rowsOf(graph: (typeof graphs)[number], folder: string): Promise<string[]> {
  const { tasks } = datasetOutline({ dataset: "boolean", graph, bits }) ?? { tasks: [] };
  const spec = {
    ...{ dataset: "boolean", graph, bits, dataSeed: [...dataSeeds], seeds: [...seeds] },
    ...{ shape: [bits, 48, 48, tasks.length], rate: 0.3, levels: 13 },
    ...{ maxEpochs: 150, patience: 30, batch: 32, lr: 0.003 },
  };
  const { experiments } = await run({ name: graph, spec }, { device: "cpu", out: join(folder, graph) });
  const found: Record<"dense" | "smallest that wins" | "last", Compared[]> = {
    dense: [],
    "smallest that wins": [],
    last: [],
  };
  for (const { folder, runs } of experiments) {
    for (const { seed, levels } of runs) {
      const stored = await readRunFolder(nodeFiles, `${folder}/seed-${seed}`);
      const winning = levels.findLastIndex(({ winning }) => winning);
      for (const [name, level] of [
        ["dense", 0],
        ["smallest that wins", winning],
        ["last", levels.length - 1],
      ] as const) {
        const mask = await stored.readLevelMask(level);
        if (!mask) throw new Error(`${folder}/seed-${seed}: level ${level} is not whole`);
        found[name].push({ remaining: mask.count(), ...plantedPairs(mask, tasks) });
      }
    }
  }
  return Object.entries(found).map(([name, compared]) => {
    const mean = (of: (one: Compared) => number) => compared.reduce((sum, one) => sum + of(one), 0) / compared.length;
    const exact = compared.filter(({ f1 }) => f1 === 1).length;
    const cells = [mean((one) => one.precision).toFixed(2), mean((one) => one.recall).toFixed(2)].map((cell) =>
      cell.padStart(9),
    );
    const f1 = `${mean((one) => one.f1).toFixed(2)} (${exact} of ${compared.length})`;
    return `  ${graph.padEnd(13)} ${name.padEnd(20)} ${mean(({ remaining }) => remaining)
      .toFixed(0)
      .padStart(8)} ${cells.join("")}  ${f1.padStart(15)}`;
  });
}
