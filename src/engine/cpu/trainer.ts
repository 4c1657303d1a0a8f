import { Mask } from "../../mask/mask.ts";
import { defaultActivation } from "../../network/activations/index.ts";
import { closeEpoch, noEpochs } from "../../network/early_stopping.ts";
import { Parameters } from "../../network/parameters.ts";
import { defaultSchedule, parseSchedule } from "../../network/schedules/index.ts";
import { maskedParameters } from "../../pruning/masked.ts";
import type { LevelCurves, LevelProgress, LevelTraining } from "../engine.ts";
import { ScoreSums } from "../shared/score_sums.ts";
import { type Compaction, compactNetwork } from "./compact_network.ts";
import type { WorkerJob, WorkerResult } from "./level_worker.ts";
import { LoadedDataset, type LoadedSplit } from "./loaded_dataset.ts";
import { LoadedNetwork } from "./loaded_network.ts";
import { type SimdKernels, SimdModule } from "./module.ts";
import { matrixColumns, padColumns, type TrainingPlan } from "./sizes.ts";

/** Default compaction; `bench/cpu_engine.ts` measures from which density a matrix is faster than edges. */
export const defaultCompaction: Compaction = { dropInactive: true, denseFrom: 0.6 };

/** Minimum time between two progress reports in ms. */
const progressMs = 100;

/** The curves of a level in training. */
type Curves = { [Name in keyof LevelCurves]: LevelCurves[Name][number][] };

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
   * Trains a level until early stopping or `maxEpochs` ends it, or a loss, parameter or moment is not finite.
   * @param observe called and awaited at intervals with the progress, and a function that reads the current parameters;
   * without it training does not yield to the event loop
   * @param beat called after every batch, of training and of validation
   */
  async train(
    job: WorkerJob,
    observe?: (now: LevelProgress, values: () => Float32Array<ArrayBuffer>) => Promise<void>,
    beat: () => void = () => {},
  ): Promise<WorkerResult> {
    const { seed, level, settings, shape, start, maskWords } = job;
    const { batch } = settings;
    const schedule = parseSchedule(settings.schedule ?? defaultSchedule);
    const { dataset, activation = defaultActivation } = this.plan;
    const mask = new Mask(shape, maskWords);
    const top = this.#module.top;
    try {
      const stride = matrixColumns(dataset, batch) * 4;
      // With weight decay, weights without a path to an output change too, so they are not left out.
      const dropInactive = this.compaction.dropInactive && !settings.weightDecay;
      const compact = compactNetwork(mask, { ...this.compaction, dropInactive });
      const network = new LoadedNetwork(this.#module, compact, start, stride, activation);
      const currentValues = () => {
        const { values } = maskedParameters(new Parameters(shape, start), mask);
        network.store(values);
        return values;
      };
      const { train } = this.#data;
      let kept: LevelTraining | undefined;
      const curves: Curves = { trainLoss: [], valLoss: [], scoreSums: [] };
      let count = noEpochs;
      let steps = 0;
      let reportedAt = performance.now();
      for (;;) {
        this.#data.orderEpoch(seed, level, count.epochs);
        let trainLoss = 0;
        for (let first = 0; first < train.samples; first += batch) {
          const filled = Math.min(batch, train.samples - first);
          this.#forward(network, train, first, filled);
          trainLoss += this.#loss(network, train, first, filled, true);
          network.backward(padColumns(filled));
          network.update(settings, schedule, ++steps);
          beat();
        }
        trainLoss = Math.fround(trainLoss / train.samples);
        const valLoss = this.#validate(network, beat);
        const closed = closeEpoch(count, valLoss, settings);
        const { epochs, improved } = closed;
        count = closed;
        if (settings.keepCurves) {
          curves.trainLoss.push(trainLoss);
          curves.valLoss.push(valLoss);
          curves.scoreSums.push(this.#scoreSums.read(this.#scoreWords()));
        }
        const isAllFinite = Number.isFinite(trainLoss) && Number.isFinite(valLoss) && network.isFinite;
        if (improved || settings.keep === "last" || !isAllFinite || !kept) {
          kept = {
            kernels: "cpu",
            epochs,
            steps,
            keptEpoch: epochs,
            trainLoss,
            valLoss,
            scoreSums: this.#scoreSums.read(this.#scoreWords()),
          };
        }
        if (improved && settings.keep === "best") network.keepBest();
        if (!isAllFinite || closed.isLast) {
          if (settings.keep === "best" && isAllFinite) network.restoreBest();
          const training = { ...kept, epochs, steps, ...(settings.keepCurves && { curves }) };
          return {
            training,
            values: currentValues(),
            ...(!isAllFinite && { diverged: network.moments(start.length) }),
          };
        }
        if (observe && performance.now() - reportedAt >= progressMs) {
          await observe({ epochs, trainLoss, valLoss }, currentValues);
          reportedAt = performance.now();
        }
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

  /** The mean validation loss; also resets and sums the scores. */
  #validate(network: LoadedNetwork, beat: () => void): number {
    const { validation } = this.#data;
    this.#scoreWords().fill(0);
    let loss = 0;
    const columns = network.stride / 4;
    for (let first = 0; first < validation.samples; first += columns) {
      const filled = Math.min(columns, validation.samples - first);
      this.#forward(network, validation, first, filled);
      loss += this.#loss(network, validation, first, filled, false);
      beat();
    }
    return Math.fround(loss / validation.samples);
  }
}
