import { Mask } from "../../mask/mask.ts";
import { defaultActivation } from "../../network/activations/index.ts";
import { closeInterval } from "../../network/early_stopping.ts";
import { evaluatedSteps, levelSteps, samplesOfSteps } from "../../network/level_steps.ts";
import { Parameters } from "../../network/parameters.ts";
import { defaultSchedule, parseSchedule } from "../../network/schedules/index.ts";
import { maskedParameters } from "../../pruning/masked.ts";
import { finishedEpochs, fittingCheckpoint } from "../checkpoint.ts";
import type { LevelCounts, LevelTraining } from "../engine.ts";
import { curvesOf, entryWords } from "../shared/curves.ts";
import { ScoreSums } from "../shared/score_sums.ts";
import { type Compaction, compactNetwork } from "./compact_network.ts";
import type { WorkerJob, WorkerNow, WorkerResult } from "./level_worker.ts";
import { LoadedDataset, type LoadedSplit } from "./loaded_dataset.ts";
import { LoadedNetwork } from "./loaded_network.ts";
import { type SimdKernels, SimdModule } from "./module.ts";
import { matrixColumns, padColumns, type TrainingPlan } from "./sizes.ts";

/** Default compaction; `bench/cpu_engine.ts` measures from which density a matrix is faster than edges. */
export const defaultCompaction: Compaction = { dropInactive: true, denseFrom: 0.6 };

/**
 * How often a trainer reports: at least so many ms apart, and the clock is looked at after so many samples times weights:
 * about a millisecond, since a look costs as much as a few weights.
 */
const defaultReports = { everyMs: 100, work: 2 ** 20 };

type Counts = { -readonly [Name in keyof LevelCounts]: LevelCounts[Name] };

/** A level before its first step. */
const noCounts: LevelCounts = {
  steps: 0,
  evaluations: 0,
  evaluationsSinceBest: 0,
  bestValLoss: Number.POSITIVE_INFINITY,
  trainLossSum: 0,
  trainLoss: 0,
  valLoss: 0,
  keptEvaluation: 0,
  keptTrainLoss: 0,
  keptValLoss: 0,
};

/** Trains levels one after another on the calling thread, in its own WebAssembly module. */
export class LevelTrainer {
  readonly #module = new SimdModule();
  readonly #data: LoadedDataset;
  readonly #scoreSums: ScoreSums;
  /** The address of the score sums of the validation samples, u32 or f32. */
  readonly #scores: number;
  /** The loss kernel of each task. */
  readonly #losses: readonly SimdKernels[`${string}Loss`][];

  constructor(
    readonly plan: TrainingPlan,
    readonly compaction: Compaction = defaultCompaction,
    readonly reports = defaultReports,
  ) {
    this.#data = new LoadedDataset(this.#module, plan.dataset);
    const { tasks } = plan.dataset;
    this.#scoreSums = new ScoreSums(plan.dataset);
    this.#scores = this.#module.reserve(this.#scoreSums.length * 4);
    this.#losses = tasks.map(({ kind }) => this.#module.kernels[`${kind}Loss`]);
  }

  /** Bytes of the module's memory, which the largest network so far determines. */
  get memoryBytes(): number {
    return this.#module.memoryBytes;
  }

  /**
   * Trains a level until early stopping or its most steps end it, or a loss, parameter or moment is not finite.
   * @param observe called and awaited at intervals, between two steps or within a validation; without it training does
   * not yield to the event loop
   * @param begun called with the number of epochs done by the job's checkpoint; undefined if the level begins anew
   */
  async train(
    job: WorkerJob,
    observe?: (now: WorkerNow) => Promise<void>,
    begun?: (resumedEpochs: number | undefined) => void,
  ): Promise<WorkerResult> {
    const { seed, level, settings, shape, start, maskWords, biasMaskWords } = job;
    const { batch } = settings;
    const schedule = parseSchedule(settings.schedule ?? defaultSchedule);
    const { dataset, activation = defaultActivation } = this.plan;
    const mask = new Mask(shape, maskWords, biasMaskWords);
    const top = this.#module.top;
    try {
      const stride = matrixColumns(dataset, batch) * 4;
      // By weight decay and L1, weights without a path to an output change too, so they are not left out.
      const dropInactive = this.compaction.dropInactive && !settings.weightDecay && !settings.l1;
      const compact = compactNetwork(mask, { ...this.compaction, dropInactive });
      const network = new LoadedNetwork(this.#module, compact, start, stride, activation);
      const { train } = this.#data;
      const length = levelSteps(settings, train.samples);
      const resume = fittingCheckpoint(job.resume, {
        kernels: "cpu",
        parameters: compact.elements.length,
        keepsBest: settings.keep === "best",
        scores: this.#scoreSums.length,
        entryWords: settings.keepCurves ? entryWords(this.#scoreSums) : 0,
        lossCells: 0,
        length,
      });
      if (resume) network.restore(resume);
      begun?.(resume && finishedEpochs(resume.counts, length));
      const counts: Counts = { ...(resume?.counts ?? noCounts) };
      let keptScores = resume?.keptScores ?? new Uint32Array(this.#scoreSums.length);
      /** Words of the evaluations so far, in pieces. */
      const curves: Uint32Array[] = resume ? [resume.curves] : [];
      const currentValues = () => {
        const { values } = maskedParameters(new Parameters(shape, start), mask);
        network.store(values);
        return values;
      };
      const currentState = () => {
        const { bestParameters, ...saved } = network.save();
        return {
          kernels: "cpu" as const,
          counts: { ...counts },
          ...saved,
          bestParameters: settings.keep === "best" ? bestParameters : new Float32Array(0),
          keptScores: keptScores.slice(),
          curves: joined(curves),
          lossCells: new Uint32Array(0),
        };
      };
      let work = 0;
      let reportedAt = performance.now();
      /** Reports if it is time to, after some samples have passed through the network. */
      const report = async () => {
        work = 0;
        if (!observe || performance.now() - reportedAt < this.reports.everyMs) return;
        const { epochs, steps } = evaluatedSteps(counts, length);
        const { trainLoss, valLoss } = counts;
        const progress = steps > 0 ? { epochs, steps, trainLoss, valLoss } : undefined;
        await observe({ progress, values: currentValues, checkpoint: currentState });
        reportedAt = performance.now();
      };
      /** Whether enough has been computed since the clock was last looked at. */
      const mayReport = (samples: number) => {
        work += samples * compact.elements.length;
        return work >= this.reports.work;
      };
      let orderedEpoch: number | undefined;
      for (;;) {
        const begin = counts.evaluations * length.evaluateEvery;
        const end = begin + length.evaluateEvery;
        while (counts.steps < end) {
          const epoch = Math.floor(counts.steps / length.perEpoch);
          if (epoch !== orderedEpoch) this.#data.orderEpoch(seed, level, epoch);
          orderedEpoch = epoch;
          const first = (counts.steps % length.perEpoch) * batch;
          const filled = Math.min(batch, train.samples - first);
          this.#forward(network, train, first, filled);
          counts.trainLossSum += this.#loss(network, train, first, filled, true);
          network.backward(padColumns(filled));
          network.update(settings, schedule, ++counts.steps);
          if (mayReport(filled)) await report();
        }
        // A checkpoint within the validation is that of the interval's last step: the validation is computed again.
        this.#scoreWords().fill(0);
        let valLossSum = 0;
        const { validation } = this.#data;
        const columns = network.stride / 4;
        for (let first = 0; first < validation.samples; first += columns) {
          const filled = Math.min(columns, validation.samples - first);
          this.#forward(network, validation, first, filled);
          valLossSum += this.#loss(network, validation, first, filled, false);
          if (mayReport(filled)) await report();
        }
        const [before, after] = [begin, end].map((steps) => samplesOfSteps(steps, settings, train.samples));
        const trainLoss = meanLoss(counts.trainLossSum, after - before);
        const valLoss = meanLoss(valLossSum, validation.samples);
        const { bestLoss, improved, isLast, ...evaluated } = closeInterval(
          { ...counts, bestLoss: counts.bestValLoss },
          valLoss,
          { patience: settings.patience, mostEvaluations: length.evaluations },
        );
        Object.assign(counts, { ...evaluated, bestValLoss: bestLoss, trainLossSum: 0, trainLoss, valLoss });
        if (settings.keepCurves) curves.push(curveEntry(trainLoss, valLoss, this.#scoreWords()));
        const isAllFinite = Number.isFinite(trainLoss) && Number.isFinite(valLoss) && network.isFinite;
        if (improved || settings.keep === "last" || !isAllFinite || counts.keptEvaluation === 0) {
          Object.assign(counts, { keptEvaluation: counts.evaluations, keptTrainLoss: trainLoss, keptValLoss: valLoss });
          keptScores = this.#scoreWords().slice();
        }
        if (improved && settings.keep === "best") network.keepBest();
        if (!isAllFinite || isLast) {
          if (settings.keep === "best" && isAllFinite) network.restoreBest();
          const training: LevelTraining = {
            kernels: "cpu",
            ...evaluatedSteps(counts, length),
            trainLoss: counts.keptTrainLoss,
            valLoss: counts.keptValLoss,
            scoreSums: this.#scoreSums.read(keptScores),
            ...(settings.keepCurves && { curves: curvesOf(joined(curves), this.#scoreSums) }),
          };
          return {
            training,
            values: currentValues(),
            ...(settings.keepMoments && { firstMoments: network.moments(start.length)[0] }),
            ...(!isAllFinite && { diverged: network.moments(start.length) }),
          };
        }
        await report();
      }
    } finally {
      this.#module.release(top);
    }
  }

  /** Gathers samples and computes their logits. */
  #forward(network: LoadedNetwork, split: LoadedSplit, first: number, filled: number): void {
    const samples = split.order + first * 4;
    const columns = padColumns(filled);
    this.#data.gather(split, samples, filled, columns, network.inputs, network.inputCount, network.x, network.stride);
    network.forward(columns);
  }

  /**
   * The sum of the losses of the samples, mean over tasks. In training also computes the gradients of the batch's mean
   * loss.
   */
  #loss(network: LoadedNetwork, split: LoadedSplit, first: number, filled: number, isTraining: boolean): number {
    const { tasks } = this.plan.dataset;
    const columns = padColumns(filled);
    const samples = split.order + first * 4;
    const weight = 1 / (filled * tasks.length);
    let loss = 0;
    for (let t = 0; t < tasks.length; t++) {
      const { outputs } = tasks[t];
      const logits = network.logits + outputs.start * network.stride;
      const gradients = isTraining ? network.logitGradients + outputs.start * network.stride : 0;
      const labels = split.labels + t * split.samples * 4;
      const scores = this.#scores + this.#scoreSums.starts[t] * 4;
      const { stride } = network;
      const evaluate = this.#losses[t];
      loss += evaluate(logits, gradients, outputs.count, stride, labels, samples, filled, columns, weight, scores);
    }
    return loss / tasks.length;
  }

  #scoreWords(): Uint32Array {
    return this.#module.words(this.#scores, this.#scoreSums.length);
  }
}

/** The mean of losses; infinite where their sum is beyond f32, as on devices, which sum in f32. */
function meanLoss(sum: number, samples: number): number {
  const rounded = Math.fround(sum);
  return Number.isFinite(rounded) ? Math.fround(sum / samples) : rounded;
}

/** The words of an evaluation in the curves, as src/engine/shared/curves.ts describes them. */
function curveEntry(trainLoss: number, valLoss: number, scores: Uint32Array): Uint32Array {
  const words = new Uint32Array(2 + scores.length);
  new Float32Array(words.buffer).set([trainLoss, valLoss]);
  words.set(scores, 2);
  return words;
}

function joined(pieces: readonly Uint32Array[]): Uint32Array<ArrayBuffer> {
  const whole = new Uint32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
