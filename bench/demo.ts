import { run } from "../src/node.ts";

/** The demo's two runs without its table and its files: training, pruning, analysis. Takes minutes on a software adapter. */
export async function benchDemo(): Promise<string[]> {
  const startedAt = performance.now();
  const { runs, executor } = await run("moons-circles", { set: { seeds: [0, 1] }, out: null });
  const seconds = (performance.now() - startedAt) / 1000;
  const epochs = runs.flatMap(({ levels }) => levels).reduce((sum, level) => sum + level.epochs, 0);
  return [
    `demo, ${runs.length} runs, ${epochs} network-epochs on ${executor}: ${seconds.toFixed(1)} s, ${(epochs / seconds).toFixed(1)} network-epochs/s (to reach: 480 s)`,
  ];
}
