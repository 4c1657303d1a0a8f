import { spreadOf } from "../src/benchmark/statistics.ts";
import { moonsCircles } from "../src/dataset/moons_circles.ts";
import { openCpuEngine } from "../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../src/engine/cpu/plan.ts";
import { startNodeThread } from "../src/engine/cpu/worker/node.ts";
import type { LevelSettings, TrainedLevel } from "../src/engine/engine.ts";
import { needsGradients } from "../src/lottery/gradient_batches.ts";
import { nextMask, type Pruning } from "../src/lottery/next_level.ts";
import { Mask } from "../src/mask/mask.ts";
import { extendedShape } from "../src/network/extension.ts";
import { initialParameters } from "../src/network/initial.ts";
import { criteria } from "../src/pruning/criteria.ts";

/** Epochs of the shortest level of the thesis: one, and its patience. */
const leastEpochs = 31;
/** Epochs of the trained level, long enough that its set-up is a small part. */
const epochs = 4;
const trials = 3;

/**
 * Selection of the next mask by every criterion, at the largest network of the thesis' first chapter, dense, with all that it
 * computes for it; the time of a level with that selection over that of a level pruned by magnitude, and in epochs.
 */
export async function benchCriteria(): Promise<string[]> {
  const shape = extendedShape([4, 8, 8, 2], 0.32, 25);
  const [seed, batch] = [0, 64];
  const initial = initialParameters(shape, seed);
  const mask = Mask.full(shape);
  const dataset = moonsCircles(0);
  const limits = { networks: 1, cores: 1, memoryBytes: 2 ** 30 };
  const engine = openCpuEngine(
    planCpuEngine({ networks: [{ shape, batch }], dataset }, limits, "bench"),
    startNodeThread,
  );
  try {
    const settings = (maxEpochs: number): LevelSettings => ({
      ...{ optimizer: "adam", lr: 0.001, maxEpochs, patience: maxEpochs, keep: "last", batch },
    });
    const train = (maxEpochs: number) =>
      engine.train({ label: "bench", seed, level: 0, settings: settings(maxEpochs), start: initial, mask });
    (await train(1)).release();
    const [oneMs, trained] = await timed(() => train(1));
    trained.release();
    const [levelMs, last] = await timed(() => train(1 + epochs));
    last.release();
    const epochMs = (levelMs - oneMs) / epochs;
    const rows: { name: string; ms: number }[] = [];
    const selections = criteria.entries.flatMap(({ name }): { name: string; gradientBatches?: number }[] =>
      needsGradients(name) ? [{ name }, { name, gradientBatches: 1 }] : [{ name }],
    );
    for (const { name, gradientBatches } of selections) {
      const times: number[] = [];
      for (let trial = 0; trial < trials; trial++) {
        const level = await train(1);
        const job = { label: "bench", seed, level: 0, settings: settings(1), start: initial, mask };
        const [ms] = await timed(() => selected(level));
        times.push(ms);
        async function selected(trained: TrainedLevel) {
          const remaining = [mask.count(), Math.round(0.68 * mask.count())];
          const spec = { scope: "global", criterion: name, gradientBatches, remaining };
          await nextMask(spec as Pruning, { engine, job, dataset, trained, initial });
          trained.release();
        }
      }
      rows.push({ name: gradientBatches === undefined ? name : `${name}, one mini-batch`, ms: spreadOf(times).lowest });
    }
    const [{ ms: magnitudeMs }] = rows;
    const shortestMs = oneMs + (leastEpochs - 1) * epochMs;
    return [
      `criteria (${shape}), ${mask.count()} weights: processor time of a selection, in epochs of ${epochMs.toFixed(0)} ms, and of a level of ${leastEpochs} epochs (${(shortestMs / 1000).toFixed(1)} s) with it over one with magnitude (to reach: 1.2)`,
      ...rows.map(
        ({ name, ms }) =>
          `  ${name.padEnd(36)} ${ms.toFixed(0).padStart(6)} ms ${(ms / epochMs).toFixed(2).padStart(6)}  ${((shortestMs + ms) / (shortestMs + magnitudeMs)).toFixed(3)}`,
      ),
    ];
  } finally {
    engine.close();
  }
}

/** Milliseconds of processor time of all threads, and the result. */
async function timed<Result>(run: () => Promise<Result>): Promise<[ms: number, result: Result]> {
  const begun = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(begun);
  return [(user + system) / 1000, result];
}
