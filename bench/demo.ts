import { run } from "../src/node.ts";

/**
 * Four runs of Moons-Circles at extension 9, seeds 0 to 3, without table and files: training, pruning, analysis.
 * @param device what computes; minutes on a software adapter
 * @param reachSeconds the time to reach
 */
export async function benchDemo(device: "cpu" | "software", reachSeconds: number): Promise<string[]> {
  const processorBefore = process.cpuUsage();
  const startedAt = performance.now();
  let engine = "";
  const { experiments, executor } = await run("moons-circles", {
    set: { seeds: [0, 1, 2, 3] },
    device,
    out: null,
    onStart: (start) => {
      engine = start.engines[0].name;
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  // What else runs on the machine takes wall time, but not this.
  const { user, system } = process.cpuUsage(processorBefore);
  const { runs } = experiments[0];
  const epochs = runs.flatMap(({ levels }) => levels).reduce((sum, level) => sum + level.epochs, 0);
  return [
    `demo, ${runs.length} runs, ${epochs} network-epochs, ${engine} on ${executor}: ${seconds.toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of processor time), ${(epochs / seconds).toFixed(0)} network-epochs/s (to reach: ${reachSeconds} s)`,
  ];
}
