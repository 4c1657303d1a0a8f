import { spreadOf } from "../src/benchmark/statistics.ts";
import { moonsCircles } from "../src/dataset/moons_circles.ts";
import { LevelTrainer } from "../src/engine/cpu/trainer.ts";
import { Mask } from "../src/mask/mask.ts";
import { extendedShape } from "../src/network/extension.ts";
import { initialParameters } from "../src/network/initial.ts";
import { criteria } from "../src/pruning/criteria.ts";
import type { Need, RankedLevel } from "../src/pruning/ranked_level.ts";
import { selectMask } from "../src/pruning/selector.ts";

/** Epochs of the shortest level of the thesis: one, and its patience. */
const leastEpochs = 31;
/** Epochs that are trained to measure one. */
const epochs = 2;
const trials = 3;
/** What no criterion can have without a pass over the data. */
const gradients: readonly Need[] = ["gradients", "start gradients"];

/**
 * Selection of the next mask on the host by every criterion that needs no gradient, at the largest network of the thesis'
 * first chapter, dense; then the time of a level with that selection over that of a level pruned by magnitude.
 */
export async function benchCriteria(): Promise<string[]> {
  const shape = extendedShape([4, 8, 8, 2], 0.32, 25);
  const initial = initialParameters(shape, 0);
  const mask = Mask.full(shape);
  const trainer = new LevelTrainer({ networks: [{ shape, batch: 64 }], dataset: moonsCircles(0) });
  const settings = {
    optimizer: "adam",
    lr: 0.001,
    maxEpochs: epochs,
    patience: epochs,
    keep: "last",
    batch: 64,
  } as const;
  const job = { seed: 0, level: 0, settings, shape, start: initial.values, maskWords: mask.words };
  const before = process.cpuUsage();
  await trainer.train(job);
  const levelMs = (process.cpuUsage(before).user / 1000 / epochs) * leastEpochs;

  const level: RankedLevel = {
    trained: initialParameters(shape, 1),
    start: initial,
    initial,
    mask,
    seed: 0,
    nextLevel: 1,
  };
  const keep = Math.round(0.68 * mask.count());
  const times = criteria.entries
    .filter(({ needs }) => !needs.some((need) => gradients.includes(need)))
    .map(({ name }) => {
      const trial = () => {
        const begun = process.cpuUsage();
        selectMask(level, { criterion: name, keep });
        return process.cpuUsage(begun).user / 1000;
      };
      return { name, ms: spreadOf(Array.from({ length: trials }, trial)).lowest };
    });
  const [{ ms: magnitudeMs }] = times;
  return [
    `criteria (${shape}), ${mask.count()} weights: processor time of a selection on the host, and of a level of ${leastEpochs} epochs (${(levelMs / 1000).toFixed(1)} s) with it over one with magnitude (to reach: 1.2)`,
    ...times.map(
      ({ name, ms }) =>
        `  ${name.padEnd(28)} ${ms.toFixed(0).padStart(6)} ms  ${((levelMs + ms) / (levelMs + magnitudeMs)).toFixed(3)}`,
    ),
  ];
}
