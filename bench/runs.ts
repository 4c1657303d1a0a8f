import { type ExperimentInput, run } from "../src/node.ts";
import { thesisExperiments as reproduced } from "../src/reproduction/thesis_experiments.ts";

/** Whole runs, timed together as one population. */
interface Runs {
  readonly title: string;
  readonly experiments: readonly ExperimentInput[];
  /** The device; a software adapter takes minutes. */
  readonly device: "cpu" | "software" | "gpu";
  /** Target time in seconds; may depend on the executor's name. */
  readonly reach: number | ((executor: string) => number);
}

const demo: ExperimentInput[] = [{ ...ofThesis("extension-2")[0], extension: 9 }];

/** By name: the demo, and the runs of the thesis, which need a GPU. */
export const wholeRuns: Readonly<Record<string, Runs>> = {
  demo: { title: "demo", experiments: demo, device: "cpu", reach: 10 },
  "demo-software": {
    title: "demo",
    experiments: demo,
    device: "software",
    reach: (name) => (name.startsWith("llvmpipe") ? 90 : 300),
  },
  "chapter-gpu": {
    title: "all runs of the thesis' chapter on Moons-Circles",
    experiments: ["extension-2", "extension-1", "extension-3"].flatMap(ofThesis),
    device: "gpu",
    reach: 60,
  },
  "chapter-cut-gpu": {
    title: "the same with at most 100 epochs a level",
    experiments: ["extension-2", "extension-1", "extension-3"]
      .flatMap(ofThesis)
      .map((grid) => ({ ...grid, maxEpochs: 100 })),
    device: "gpu",
    reach: 15,
  },
  "mnist-fashion-gpu": {
    title: "MNIST-Fashion",
    // Run to the last level, even after a separated one.
    experiments: ofThesis("mnist-fashion").map((grid) => ({ ...grid, stopAt: "none" })),
    device: "gpu",
    reach: 60,
  },
};

/** The grids of an experiment with the number of seeds of the thesis. */
function ofThesis(name: string) {
  return reproduced
    .filter((experiment) => experiment.name === name)
    .flatMap(({ grids, seeds }) => grids.map((grid) => ({ ...grid, seeds: [...seeds] })));
}

/** Times training, pruning and analysis, without tables and files. */
export async function benchRuns({ title, experiments, device, reach }: Runs): Promise<string[]> {
  const processorBefore = process.cpuUsage();
  const startedAt = performance.now();
  let engine = "";
  const result = await run(experiments, {
    device,
    out: null,
    onStart: (start) => {
      engine = start.engines[0].name;
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const reachSeconds = typeof reach === "number" ? reach : reach(result.executor);
  // Other load on the machine affects the wall time, but not the processor time.
  const { user, system } = process.cpuUsage(processorBefore);
  const runs = result.experiments.flatMap((experiment) => experiment.runs);
  const epochs = runs.flatMap(({ levels }) => levels).reduce((sum, level) => sum + level.epochs, 0);
  return [
    `${title}, ${runs.length} runs, ${epochs} network-epochs, ${engine} on ${result.executor}: ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processor time), ${(epochs / seconds).toFixed(0)} network-epochs/s (to reach: ${reachSeconds} s)`,
  ];
}
