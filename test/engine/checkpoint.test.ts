import { describe, expect, it } from "vitest";
import { LevelTrainer } from "../../src/engine/cpu/trainer.ts";
import type { LevelCheckpoint, LevelJob, LevelTraining } from "../../src/engine/engine.ts";
import { copied, epochsAt, isWithin, stepsPerEpoch, TakingEngine, type Trained, trainings } from "./checkpoints.ts";
import { longEnough } from "./long_enough.ts";
import { useEngines } from "./small_experiment.ts";
import { batch, dataset, jobOf, settings, shape } from "./small_networks.ts";

const engines = useEngines();

/** The trainer of the CPU engine on this thread, which reports after every step and every part of the validation. */
async function trainOnCpu(job: LevelJob): Promise<Trained> {
  const { seed, level, settings: own, start, mask, resume } = job;
  const trainer = new LevelTrainer({ networks: [{ shape, batch }], dataset }, undefined, { everyMs: 0, work: 0 });
  const checkpoints: LevelCheckpoint[] = [];
  let resumedEpochs: number | undefined;
  const { training, values } = await trainer.train(
    { seed, level, settings: own, shape, start: start.values, maskWords: mask.words, resume },
    async (now) => {
      checkpoints.push(now.checkpoint());
    },
    (epochs) => {
      resumedEpochs = epochs;
    },
  );
  return { training, values, resumedEpochs, checkpoints };
}

const ways = {
  twins: (job: LevelJob) => new TakingEngine((afterStep) => engines.twins(1, "relu", dataset, afterStep)).train(job),
  cpu: trainOnCpu,
};

describe.each(["twins", "cpu"] as const)("a level on the %s", (name) => {
  const play = ways[name];

  it.each(trainings)("goes on from every checkpoint to the same bytes: %s", async (_, own, mask) => {
    const job = jobOf(3, { level: 2, settings: own, mask });
    const { checkpoints, ...whole } = await play(job);
    expect(whole.resumedEpochs).toBeUndefined();
    expect(checkpoints.filter((one) => isWithin(one, own.evaluateEvery)).length).toBeGreaterThan(5);
    for (const one of checkpoints) {
      const { checkpoints: _1, ...resumed } = await play({ ...job, resume: copied(one) });
      expect(resumed, `from step ${one.counts.steps}`).toEqual({
        ...whole,
        resumedEpochs: epochsAt(one, own.evaluateEvery),
      });
    }
  });

  it("starts anew where the checkpoint is of other kernels, sizes or counts", async () => {
    const job = jobOf(3, { settings: { ...settings, keep: "best" } });
    const { checkpoints, ...whole } = await play(job);
    const one = checkpoints.at(-1) as LevelCheckpoint;
    const others: Partial<LevelCheckpoint>[] = [
      { kernels: "resident" },
      { parameters: one.parameters.slice(1) },
      { secondMoments: one.secondMoments.slice(1) },
      { bestParameters: new Float32Array(0) },
      { keptScores: new Uint32Array(3) },
      { curves: new Uint32Array(6) },
      { lossCells: new Uint32Array(7) },
      { counts: { ...one.counts, evaluations: settings.maxEpochs ?? 0 } },
      { counts: { ...one.counts, steps: one.counts.steps + 100 } },
      { counts: { ...one.counts, steps: Number.NaN } },
    ];
    for (const other of others) {
      const { checkpoints: _, ...again } = await play({ ...job, resume: { ...one, ...other } });
      expect(again, Object.keys(other)[0]).toEqual(whole);
    }
  });
});

it("keeps its best parameters while it waits in a slot whose last level has ended with its best epoch", async () => {
  const alone = new TakingEngine((afterStep) => engines.twins(1, "relu", dataset, afterStep));
  // A learning rate this high makes the validation loss rise after the first epochs.
  const job = jobOf(3, { settings: { ...settings, keep: "best", lr: 3, maxEpochs: 8, patience: 8 } });
  const { checkpoints, ...whole } = await alone.train(job);
  const { keptStep } = whole.training as LevelTraining;
  // Within an epoch after the best one: no later epoch is kept.
  const resume = checkpoints.find((one) => isWithin(one) && one.counts.keptEvaluation * stepsPerEpoch === keptStep);
  if (!resume) throw new Error("no checkpoint after the best epoch");

  const engine = new TakingEngine((afterStep) => engines.twins(2, "relu", dataset, afterStep));
  const beside = engine.train(jobOf(1, { settings: { ...settings, maxEpochs: 40, patience: 40 } }), false);
  const before = await engine.train(jobOf(2, { settings: { ...settings, keep: "best", maxEpochs: 3 } }), false);
  expect((before.training as LevelTraining).keptStep).toBe(3 * stepsPerEpoch);
  const resumed = await engine.train({ ...job, resume }, false);
  expect(resumed).toEqual({ ...whole, resumedEpochs: resume.counts.evaluations, checkpoints: [] });
  await beside;
});

it("is read from a thread of the CPU engine while it trains, and is undefined once the level has ended", async () => {
  const engine = await engines.cpu(1);
  const { job, whole, resume } = await longEnough(6000, async (epochs) => {
    const job = jobOf(5, { settings: { ...settings, lr: 0.001, maxEpochs: epochs, patience: epochs } });
    let first: Promise<LevelCheckpoint | undefined> | undefined;
    let late: (() => Promise<LevelCheckpoint | undefined>) | undefined;
    const whole = await engine.train(job, {
      begun: ({ checkpoint }) => {
        late = checkpoint;
        first = checkpoint();
      },
    });
    expect(await late?.()).toBeUndefined();
    const resume = await first;
    return resume && { job, whole, resume };
  });
  expect(resume.counts.evaluations).toBeGreaterThan(0);
  let resumedEpochs: number | undefined;
  const again = await engine.train(
    { ...job, resume },
    {
      begun: (now) => {
        resumedEpochs = now.resumedEpochs;
      },
    },
  );
  expect(resumedEpochs).toBe(resume.counts.evaluations);
  expect(again.training).toEqual(whole.training);
  expect((await again.weights()).values).toEqual((await whole.weights()).values);
});
