import { invariant } from "../../base/errors.ts";
import { formatShape, weightCount } from "../../base/shape.ts";
import { StructArray } from "../../base/struct_array.ts";
import type { DeviceCriterion } from "../../kernels/ranked.ts";
import { Mask } from "../../mask/mask.ts";
import { type LevelSteps, levelSteps } from "../../network/level_steps.ts";
import { criteria } from "../../pruning/criteria.ts";
import { maskedParameters } from "../../pruning/masked.ts";
import type { Selection } from "../../pruning/selection.ts";
import { selectMask } from "../../pruning/selector.ts";
import { fittingCheckpoint } from "../checkpoint.ts";
import type { Engine, LevelJob, LevelObserver, TrainedLevel } from "../engine.ts";
import { curveEntries, entryWords, withCurves } from "../shared/curves.ts";
import { uploadDataset } from "../shared/dataset_memory.ts";
import { checkStart } from "../shared/divergence.ts";
import type { DataBuffer, Executor, PreparedCall } from "../shared/executor.ts";
import { LevelPump, type Status, type Submitted } from "../shared/level_pump.ts";
import { Memory } from "../shared/memory.ts";
import { Slots } from "../shared/slots.ts";
import { edgeLists } from "./edge_lists.ts";
import {
  type PlacedLevel,
  readFirstMoments,
  readOptimizerState,
  readParameters,
  readState,
  restoreBest,
  restoreState,
} from "./placed_level.ts";
import { Population, type PopulationPlan, PopulationSizes } from "./population.ts";
import { type FixedCalls, type Program, prepareFixedCalls, prepareProgram, trainingKernels } from "./program.ts";
import { selectionKernels, selectOnDevice } from "./ranking.ts";
import type { TrainingNetwork } from "./training_network.ts";

/** Maximum number of epochs per submission, so that the end of a level is detected early. */
const submitMostEpochs = 8;

/** Where a level stands by the steps that are enqueued. */
interface Stepping {
  /** Steps between two evaluations. */
  readonly evaluateEvery: number;
  steps: number;
  hasStarted: boolean;
}

/** Weights of a network whose step takes about as long as the calls of a step take without any work. */
const leastLoad = 2 ** 14;

/**
 * The engine of kernels that distribute every network over the whole device: dense kernels over the tiles of matrices,
 * sparse kernels over edges up to the plan's density. Networks of different widths train in the same calls. Levels that are
 * evaluated after the same number of steps are evaluated at once: a level starts when these others have been evaluated, or
 * when they come to the step of the interval from which it goes on. It ends on its own, so slots are at different levels.
 */
export class TiledEngine implements Engine {
  readonly name = "tiled";
  readonly slots: number;
  readonly memoryBytes: number;
  readonly executor: string;
  readonly #slots: Slots;
  readonly #memory: Memory;
  readonly #pump: LevelPump;
  /** By slot, the networks in training or about to start. */
  readonly #training = new Map<number, TrainingNetwork>();
  /** The program of the last submission, and by slot the networks that it was prepared for. */
  #program: (Program & { readonly networks: ReadonlyMap<number, TrainingNetwork> }) | undefined;
  /** By slot, the levels in training or about to start. */
  readonly #stepping = new Map<number, Stepping>();

  private constructor(
    readonly population: Population,
    readonly fixed: FixedCalls,
    readonly ownsData: boolean,
  ) {
    const { sizes, executor } = population;
    this.executor = executor.name;
    this.slots = sizes.plan.slots;
    this.memoryBytes = Object.values(sizes.bytes()).reduce((sum, bytes) => sum + bytes, population.data.sizeBytes);
    this.#slots = new Slots(this.slots);
    this.#memory = new Memory(sizes.memory);
    this.#pump = new LevelPump({
      networkStruct: sizes.networkStruct,
      targetMs: executor.targetMs,
      firstWork: 1,
      mostWork: submitMostEpochs * sizes.stepsPerEpoch,
      sideBySide: this.slots,
      mayStart: (slot) => this.#mayStart(slot),
      load: (slot) => this.#load(slot),
      start: (slot, network) => this.#start(slot, network),
      submit: (steps, waiting) => this.#submit(steps, waiting),
    });
  }

  /**
   * Allocates a population on an executor and compiles the kernels of training. The caller owns the executor.
   * @param shared the plan's dataset, uploaded and owned by the caller; if missing, the engine uploads its own copy
   */
  static async open(executor: Executor, plan: PopulationPlan, shared?: DataBuffer): Promise<TiledEngine> {
    const sizes = new PopulationSizes({ ...plan, isSoftware: executor.isSoftware });
    await executor.load(trainingKernels(sizes));
    const data = shared ?? uploadDataset(executor, plan.dataset);
    const population = new Population(executor, sizes, data);
    const fixed = prepareFixedCalls(population);
    if (fixed.chunks.length === 1) executor.run(fixed.chunks);
    return new TiledEngine(population, fixed, !shared);
  }

  async train(job: LevelJob, observer: LevelObserver = {}): Promise<TrainedLevel> {
    const { batch, shapes } = this.population.sizes.plan;
    const { shape } = job.start;
    invariant(job.settings.batch === batch, `${job.label}: batch ${job.settings.batch}, the plan's is ${batch}`);
    const isPlanned = shapes.some((planned) => formatShape(planned) === formatShape(shape));
    invariant(isPlanned, `${job.label}: shape ${formatShape(shape)} is not in the plan`);
    checkStart(job);
    const slot = await this.#slots.take(job.remainingWork ?? 0);
    let level: PlacedLevel | undefined;
    try {
      level = await this.#place(slot, job);
      const placed = level;
      const { kernels, resume } = level;
      const weights = () => readParameters(this.population, placed);
      const curvesAt = job.settings.keepCurves ? placed.place.curves : undefined;
      const length = this.#length(job);
      this.#stepping.set(slot, { ...length, steps: resume?.counts.steps ?? 0, hasStarted: false });
      let isTraining = true;
      const checkpoint = async () => (isTraining ? readState(this.population, placed, job) : undefined);
      let training = await this.#pump
        .train({ slot, job, kernels, observer, curvesAt, resume, length }, { weights, checkpoint }, () =>
          readOptimizerState(this.population, placed),
        )
        .finally(() => {
          isTraining = false;
          this.#training.delete(slot);
          this.#stepping.delete(slot);
        });
      if (curvesAt !== undefined) {
        const { executor, sizes } = this.population;
        training = await withCurves(training, executor, this.population.buffer("curves"), curvesAt, sizes.scores);
      }
      if (job.settings.keep === "best") restoreBest(this.population, placed);
      return {
        training,
        weights,
        firstMoments: () => {
          invariant(job.settings.keepMoments, `${job.label}, level ${job.level}: its settings do not ask for moments`);
          return readFirstMoments(this.population, placed);
        },
        select: (selection) => this.#select(placed, job, selection),
        release: this.#releaseOnce(placed),
      };
    } catch (error) {
      this.#leave(slot, level);
      throw error;
    }
  }

  close(): void {
    this.#program?.destroy();
    for (const call of Object.values(this.fixed).flat()) call.destroy();
    this.population.destroy();
    if (this.ownsData) this.population.executor.free(this.population.data);
  }

  /**
   * Waits for memory, then writes the initial state of a level: masked parameters, moments of 0, the mask, and edge lists
   * for sparse kernels; or the state of its checkpoint.
   */
  async #place(slot: number, job: LevelJob): Promise<PlacedLevel> {
    const { start, mask, settings, resume, remainingWork = 0 } = job;
    const { population } = this;
    const { sizes } = population;
    const { shape } = start;
    const most = sizes.mostEdges(shape);
    const isSparse = most > 0 && mask.count() <= most;
    // By weight decay and L1, weights without a path to an output change too, so they are not left out.
    const lists = isSparse ? edgeLists(shape, mask, !settings.weightDecay && !settings.l1) : undefined;
    const network = { slot, shape, keepsBest: settings.keep === "best", edges: lists?.counts };
    const need = sizes.need(
      network,
      lists?.words.length ?? 0,
      curveEntries(settings, sizes.plan.dataset.train.samples),
    );
    const place = await this.#memory.take(need, remainingWork);
    const kernels = lists ? "sparse" : "dense";
    const fitting = fittingCheckpoint(resume, {
      kernels,
      parameters: need.parameters * 4,
      keepsBest: network.keepsBest,
      scores: sizes.scores.length,
      entryWords: settings.keepCurves ? entryWords(sizes.scores) : 0,
      lossCells: 0,
      length: this.#length(job),
    });
    const placed = { slot, shape, place, need, kernels, resume: fitting } as const;
    population.place(placed, fitting?.parameters ?? maskedParameters(start, mask).values, mask);
    if (fitting) restoreState(population, placed, fitting);
    if (lists) population.executor.write(population.buffer("edges"), lists.words, place.edges * 4);
    this.#training.set(slot, network);
    return placed;
  }

  async #select(level: PlacedLevel, job: LevelJob, selection: Selection): Promise<Mask> {
    const { executor } = this.population;
    const criterion = criteria.get(selection.criterion);
    if (!ranksOnDevice(criterion)) {
      return selectMask(
        { ...job, trained: await readParameters(this.population, level), nextLevel: job.level + 1 },
        selection,
      );
    }
    await executor.load(selectionKernels(criterion));
    selectOnDevice(this.population, level, job, criterion, selection);
    const { place, shape } = level;
    const { words, biasWords } = job.mask;
    const selected = await executor.read(this.population.buffer("mask"), place.mask * 4, words.byteLength);
    return new Mask(shape, new Uint32Array(selected), biasWords.slice());
  }

  #leave(slot: number, level: PlacedLevel | undefined): void {
    if (level) this.#memory.leave(level.place, level.need);
    this.#slots.leave(slot);
  }

  #releaseOnce(level: PlacedLevel): () => void {
    let isReleased = false;
    return () => {
      invariant(!isReleased, "a level is released twice");
      isReleased = true;
      this.#leave(level.slot, level);
    };
  }

  /**
   * The program for the networks in training: the last one if it has them all. The device skips those of it that have
   * ended, whose places the next levels of their runs often take.
   */
  #calls(): Program {
    const last = this.#program;
    if (last && this.#isCovered(last.networks)) return last;
    last?.destroy();
    const networks = new Map(this.#training);
    this.#program = { ...prepareProgram(this.population, this.fixed, networks.values()), networks };
    return this.#program;
  }

  #isCovered(prepared: ReadonlyMap<number, TrainingNetwork>): boolean {
    const training = [...this.#training.values()];
    const ended = [...prepared.values()].filter(({ slot }) => !this.#training.has(slot));
    return (
      training.every((network) => {
        const last = prepared.get(network.slot);
        // The same level in most submissions; else a level with the same calls.
        return last === network || JSON.stringify(last) === JSON.stringify(network);
      }) &&
      ended.length <= training.length &&
      // Their best evaluations would be copied again, into memory that another network may have by now.
      !ended.some(({ keepsBest }) => keepsBest)
    );
  }

  /** Cost of a step of a slot's network, relative to that of others. */
  #load(slot: number): number {
    const network = this.#training.get(slot);
    invariant(network, `no network trains in slot ${slot}`);
    const { shape, edges } = network;
    return leastLoad + (edges ? edges.reduce((sum, count) => sum + count, 0) : weightCount(shape));
  }

  #start(slot: number, network: Uint8Array<ArrayBuffer>): void {
    const { executor, sizes } = this.population;
    const bytes = sizes.scores.length * 4;
    executor.write(this.population.buffer("networks"), network, slot * network.byteLength);
    executor.clear(this.population.buffer("scoreSums"), slot * bytes, bytes);
    this.#steppingOf(slot).hasStarted = true;
  }

  #length({ settings }: LevelJob): LevelSteps {
    return levelSteps(settings, this.population.sizes.plan.dataset.train.samples);
  }

  #steppingOf(slot: number): Stepping {
    const stepping = this.#stepping.get(slot);
    invariant(stepping, `no level is in slot ${slot}`);
    return stepping;
  }

  /** The levels that have started. */
  #started(): Stepping[] {
    return [...this.#stepping.values()].filter(({ hasStarted }) => hasStarted);
  }

  /** Whether the level in a slot would be evaluated together with the others that have intervals as long. */
  #mayStart(slot: number): boolean {
    const { steps, evaluateEvery } = this.#steppingOf(slot);
    const alike = this.#started().filter((other) => other.evaluateEvery === evaluateEvery);
    return alike.every((other) => (other.steps - steps) % evaluateEvery === 0);
  }

  /**
   * Enqueues steps and the evaluations of the levels whose intervals they complete; stops where a waiting level may
   * start.
   */
  #submit(most: number, waiting: readonly number[]): Submitted {
    const { step, evaluation } = this.#calls();
    const started = this.#started();
    const calls: PreparedCall[] = [];
    let steps = 0;
    while (steps < most) {
      calls.push(...step);
      steps++;
      for (const level of started) level.steps++;
      if (started.some((level) => level.steps % level.evaluateEvery === 0)) calls.push(...evaluation);
      if (waiting.some((slot) => this.#mayStart(slot))) break;
    }
    return { work: steps, status: this.#runAndRead(calls) };
  }

  async #runAndRead(calls: readonly PreparedCall[]): Promise<Status> {
    const { executor, sizes } = this.population;
    const sums = sizes.scores.length;
    const [source, keptSource] = [this.population.buffer("networks"), this.population.buffer("keptScoreSums")];
    const { content, time } = await executor.runAndRead(calls, [
      { source, offsetBytes: 0, sizeBytes: this.slots * sizes.networkStruct.sizeBytes },
      { source: keptSource, offsetBytes: 0, sizeBytes: this.slots * sums * 4 },
    ]);
    const [networkBytes, keptScoreSumBytes] = content;
    const keptScoreSums = new Uint32Array(keptScoreSumBytes);
    return {
      time,
      networks: new StructArray(sizes.networkStruct, networkBytes),
      scoreSums: (slot) => sizes.scores.read(keptScoreSums.subarray(slot * sums, (slot + 1) * sums)),
    };
  }
}

function ranksOnDevice(criterion: ReturnType<typeof criteria.get>): criterion is DeviceCriterion {
  return "key" in criterion && criterion.wgsl !== undefined;
}
