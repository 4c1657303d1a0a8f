import type { Outcome } from "../../src/analysis/outcome.ts";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { openCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../src/engine/cpu/plan.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openDataset } from "../../src/lottery/dataset.ts";
import { type LotteryRun, runLottery } from "../../src/lottery/lottery.ts";
import { runPopulation } from "../../src/lottery/population.ts";
import { preset } from "../../src/lottery/presets.ts";
import { resolveSpec, type Spec } from "../../src/lottery/spec.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { nodeDatasetAccess } from "../../src/node.ts";
import { shareDifference, wilsonInterval } from "../../src/report/wilson.ts";
import { Float64Engine } from "./engine.ts";

/** Seeds of the compared runs. */
const seeds = Array.from({ length: 20 }, (_, seed) => seed);

/**
 * Epochs of level 0 after which the losses of both precisions are compared. The losses must agree up to `agreedEpochs`;
 * later they diverge, since rounding errors accumulate over the steps.
 */
const comparedEpochs = [1, 5, 20, 50, 100, 200];
const agreedEpochs = 5;

/** Maximum relative difference of the losses up to `agreedEpochs`. */
const tolerance = 1e-6;

/** The largest difference of the losses of the two engines after some epochs of level 0, relative to float64. */
async function lossDifference(spec: Spec, float32: Engine, float64: Engine, maxEpochs: number): Promise<number> {
  let worst = 0;
  for (const seed of [0, 1]) {
    const start = initialParameters(spec.shape, seed, spec);
    const losses = [];
    for (const engine of [float32, float64]) {
      const { optimizer, lr, batch, keep } = spec;
      const settings = { optimizer, lr, batch, keep, maxEpochs, patience: maxEpochs };
      const mask = Mask.full(spec.shape);
      const trained = await engine.train({ label: `seed ${seed}`, seed, level: 0, settings, start, mask });
      trained.release();
      losses.push([trained.training.trainLoss, trained.training.valLoss]);
    }
    const [rounded, exact] = losses;
    rounded.forEach((loss, k) => {
      worst = Math.max(worst, Math.abs(loss - exact[k]) / exact[k]);
    });
  }
  return worst;
}

/** Returns a line with the differences of the losses. Throws when they do not agree in the first epochs. */
async function checkLosses(spec: Spec, float32: Engine, float64: Engine): Promise<string> {
  const parts = [];
  for (const epochs of comparedEpochs) {
    const difference = await lossDifference(spec, float32, float64, epochs);
    // Also fails for NaN.
    if (epochs <= agreedEpochs && !(difference <= tolerance)) {
      throw new Error(`float64: losses after ${epochs} epochs are off by ${difference} of themselves: no run counts`);
    }
    parts.push(`${difference.toExponential(1)} after ${epochs}`);
  }
  return `float64: largest difference of a loss from the CPU engine's, of itself, by epochs: ${parts.join(", ")} (bound ${tolerance} over the first ${agreedEpochs})`;
}

/** Opens the CPU engine for all seeds. */
function openFloat32(spec: Spec, dataset: Dataset): Engine {
  const networks = [{ shape: spec.shape, batch: spec.batch }];
  const limits = { networks: seeds.length, cores: 1, memoryBytes: 2 ** 30 };
  return openCpuEngine(planCpuEngine({ networks, dataset }, limits, "one thread"), startNodeThread);
}

/** `separated at level 8`, or only the outcome if no level is separated. */
function describe({ outcome, levels }: LotteryRun): string {
  const at = levels.find(({ state }) => state === "separated");
  return at ? `${outcome} at level ${at.level}${at.winning ? "" : ", not winning"}` : outcome;
}

const isSeparated = ({ outcome }: LotteryRun) => (["separated", "separated-degraded"] as Outcome[]).includes(outcome);

/**
 * Tests whether the precision affects the separation of networks: Moons-Circles at extension 9, every seed trained,
 * pruned and rewound both in float64 and on the CPU engine, with the same initial weights and sample order.
 */
export async function benchFloat64(): Promise<string[]> {
  const { spec } = resolveSpec({ ...preset("moons-circles"), seeds }, "moons-circles");
  const dataset = await openDataset(spec, nodeDatasetAccess());
  const float32 = openFloat32(spec, dataset);
  try {
    const float64 = new Float64Engine(dataset);
    const lines = [await checkLosses(spec, float32, float64)];
    const runs = seeds.map((seed) => ({ lottery: { experiment: 0, seed, spec, dataset, engine: float32 } }));
    const inFloat32: LotteryRun[] = [];
    for (const run of await runPopulation(runs)) {
      if (run instanceof Error) throw run;
      inFloat32.push(run);
    }
    const inFloat64: LotteryRun[] = [];
    const startedAt = performance.now();
    for (const seed of seeds) {
      const run = await runLottery({ experiment: 0, seed, spec, dataset, engine: float64 });
      inFloat64.push(run);
      const line = `seed ${seed}: float64 ${describe(run)}; float32 ${describe(inFloat32[seed])}`;
      console.error(line);
      lines.push(line);
    }
    const minutes = (performance.now() - startedAt) / 60_000;

    const [by64, by32] = [inFloat64, inFloat32].map((runs) => runs.map(isSeparated));
    const count = (holds: (seed: number) => boolean) => seeds.filter(holds).length;
    const [count64, count32] = [by64, by32].map((separated) => count((seed) => separated[seed]));
    const { low, high } = shareDifference(wilsonInterval(count64, seeds.length), wilsonInterval(4, 4));
    lines.push(
      `of ${seeds.length} seeds float64 separates ${count64}, float32 ${count32}: both ${count((seed) => by64[seed] && by32[seed])}, float64 alone ${count((seed) => by64[seed] && !by32[seed])}, float32 alone ${count((seed) => !by64[seed] && by32[seed])} (${minutes.toFixed(1)} min in float64)`,
      `float64 less the thesis' 4 of 4: between ${low.toFixed(2)} and ${high.toFixed(2)} (95 %)`,
    );
    return lines;
  } finally {
    float32.close();
  }
}
