import { RunError } from "../base/errors.ts";
import { StructArray } from "../base/struct_array.ts";
import { Mask } from "../mask/mask.ts";
import { optimizers } from "../network/adam.ts";
import { Parameters } from "../network/parameters.ts";
import type {
  Engine,
  LevelProgress,
  LevelSettings,
  LevelTraining,
  NetworkStart,
  Selection,
  TrainingNetwork,
} from "./engine.ts";
import type { Executor } from "./executor.ts";
import { firstNonFinite } from "./non_finite.ts";
import { Population, type PopulationPlan, PopulationSizes } from "./population.ts";
import { type Program, prepareProgram, trainingKernels } from "./program.ts";
import { prune, pruningKernels, rewindSlot } from "./pruning.ts";

/** Work per submission that keeps a page responsive and a watchdog asleep, in ms. */
const submitTargetMs = 50;
/** Epochs per submission at most, so that a network that has ended is noticed soon. */
const submitMostEpochs = 8;

/** A level that trains, as the pump sees it. */
interface RunningLevel {
  readonly slot: number;
  readonly label: string;
  readonly level: number;
  readonly seed: number;
  readonly settings: LevelSettings;
  readonly observe: ((progress: LevelProgress) => void) | undefined;
  readonly done: (training: LevelTraining) => void;
  readonly failed: (error: unknown) => void;
  /** The submission that first trains it; the status of an earlier one says nothing of it. */
  firstSubmission: number;
}

/**
 * The engine of dense kernels over (layer, tile, network). All slots share the batch boundaries of an epoch; a level starts at
 * the next epoch boundary and ends by itself, so networks of one population are at different levels and epochs.
 */
export class TiledEngine implements Engine {
  readonly slots: number;
  readonly memoryBytes: number;
  readonly executor: string;
  readonly #free: number[];
  readonly #waiting: ((slot: number) => void)[] = [];
  readonly #starting: RunningLevel[] = [];
  readonly #running = new Map<number, RunningLevel>();
  #isPumping = false;
  /** Steps of the current epoch that are submitted. */
  #stepOfEpoch = 0;
  #stepsPerSubmit = 1;
  #submissions = 0;

  private constructor(
    readonly name: "tiled" | "cpu",
    readonly population: Population,
    readonly program: Program,
  ) {
    const { sizes, executor } = population;
    this.executor = executor.name;
    this.slots = sizes.plan.slots;
    this.memoryBytes = Object.values(sizes.bytes()).reduce((sum, bytes) => sum + bytes, 0);
    this.#free = Array.from({ length: this.slots }, (_, k) => this.slots - 1 - k);
  }

  /** Allocates a population on an executor, uploads its dataset and compiles the kernels. The engine owns the executor. */
  static async open(name: "tiled" | "cpu", executor: Executor, plan: PopulationPlan): Promise<TiledEngine> {
    await executor.load([...trainingKernels, ...pruningKernels]);
    const population = new Population(executor, new PopulationSizes(plan));
    return new TiledEngine(name, population, prepareProgram(population));
  }

  async admit(start: NetworkStart): Promise<TrainingNetwork> {
    const slot = this.#free.pop() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)));
    const { executor, sizes } = this.population;
    const parameterBytes = sizes.parameters.length * 4;
    const maskBytes = sizes.mask.words * 4;
    executor.write(this.population.buffer("initialParameters"), start.initial.values, slot * parameterBytes);
    executor.write(this.population.buffer("mask"), start.mask.words, slot * maskBytes);
    rewindSlot(this.population, slot);
    let mask = start.mask;

    const weights = async () => {
      const bytes = await executor.read(this.population.buffer("parameters"), slot * parameterBytes, parameterBytes);
      return new Parameters(start.initial.shape, new Float32Array(bytes));
    };
    return {
      train: async (level, settings, observe) => {
        const training = await new Promise<LevelTraining>((done, failed) => {
          const { label, seed } = start;
          this.#starting.push({ slot, label, level, seed, settings, observe, done, failed, firstSubmission: 0 });
          void this.#pump();
        });
        if (!Number.isFinite(training.valLoss) || !Number.isFinite(training.trainLoss)) {
          throw new RunError(
            `${start.label}, level ${level}: the loss became ${training.valLoss} in epoch ${training.epochs} (${firstNonFinite(await weights())}); lower lr (now ${settings.lr}) or check the inputs`,
          );
        }
        if (settings.keep === "best") {
          const [best, current] = [this.population.buffer("bestParameters"), this.population.buffer("parameters")];
          executor.copy(best, current, slot * parameterBytes, parameterBytes);
        }
        return training;
      },
      weights,
      prune: async (selection: Selection, level: number) => {
        prune(this.population, slot, mask, selection, start.seed, level);
        rewindSlot(this.population, slot);
        const words = await executor.read(this.population.buffer("mask"), slot * maskBytes, maskBytes);
        mask = new Mask(start.initial.shape, new Uint32Array(words));
        return mask;
      },
      release: () => {
        const next = this.#waiting.shift();
        if (next) next(slot);
        else this.#free.push(slot);
      },
    };
  }

  close(): void {
    this.population.executor.destroy();
  }

  /** Submits work while any level trains; one submission is always queued behind the one whose status is awaited. */
  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      let previous: Promise<void> | undefined;
      let lastStatusAt = performance.now();
      for (;;) {
        // Where every network rests the rest of the epoch is nobody's: the next level starts an epoch of its own.
        if (this.#running.size === 0) this.#stepOfEpoch = 0;
        if (this.#stepOfEpoch === 0) this.#startLevels();
        if (this.#running.size === 0) break;
        const steps = this.#submit();
        const status = this.#readStatus(this.#submissions++);
        await previous;
        const now = performance.now();
        if (previous) this.#adapt(steps, now - lastStatusAt);
        lastStatusAt = now;
        previous = status;
        // Unhandled only until the next turn awaits it.
        status.catch(() => {});
      }
      await previous;
    } catch (error) {
      for (const level of [...this.#running.values(), ...this.#starting]) level.failed(error);
      this.#running.clear();
      this.#starting.length = 0;
    } finally {
      this.#isPumping = false;
    }
    // A level may have asked to start between the last look and the end of the pump.
    if (this.#starting.length > 0) void this.#pump();
  }

  /** Fits the next submission to the target, doubling or halving at most. */
  #adapt(steps: number, elapsedMs: number): void {
    const fitting = (steps * submitTargetMs) / Math.max(elapsedMs, 0.1);
    const most = submitMostEpochs * this.population.sizes.stepsPerEpoch;
    this.#stepsPerSubmit = Math.max(1, Math.min(most, Math.round(fitting), steps * 2));
  }

  #startLevels(): void {
    const { executor, sizes } = this.population;
    const tasks = sizes.plan.dataset.tasks.length;
    for (const level of this.#starting.splice(0)) {
      const { settings, slot } = level;
      const network = new StructArray(sizes.networkStruct, new ArrayBuffer(sizes.networkStruct.sizeBytes));
      network.set(0, "seed", level.seed);
      network.set(0, "level", level.level);
      network.set(0, "optimizer", optimizers[settings.optimizer]);
      network.set(0, "learningRate", settings.lr);
      network.set(0, "maxEpochs", settings.maxEpochs);
      network.set(0, "patience", settings.patience);
      network.set(0, "keepBest", settings.keep === "best" ? 1 : 0);
      network.set(0, "running", 1);
      network.set(0, "bestValidationLoss", 3.4028234663852886e38); // the largest f32: any finite loss is better
      executor.write(
        this.population.buffer("networks"),
        new Uint8Array(network.bytes),
        slot * network.bytes.byteLength,
      );
      executor.write(this.population.buffer("correct"), new Uint32Array(tasks), slot * tasks * 4);
      level.firstSubmission = this.#submissions;
      this.#running.set(slot, level);
    }
  }

  /** Enqueues some steps and the ends of the epochs that they finish; stops at an epoch boundary when levels wait to start. */
  #submit(): number {
    const calls = [];
    let steps = 0;
    while (steps < this.#stepsPerSubmit) {
      calls.push(...this.program.step);
      steps++;
      this.#stepOfEpoch++;
      if (this.#stepOfEpoch === this.population.sizes.stepsPerEpoch) {
        calls.push(...this.program.epochEnd);
        this.#stepOfEpoch = 0;
        if (this.#starting.length > 0) break;
      }
    }
    this.population.executor.run(calls);
    return steps;
  }

  /** Reads how every network stood after a submission; ends the levels that have ended. */
  async #readStatus(submission: number): Promise<void> {
    const { executor, sizes } = this.population;
    const tasks = sizes.plan.dataset.tasks.length;
    const [networkBytes, keptCorrectBytes] = await Promise.all([
      executor.read(this.population.buffer("networks"), 0, this.slots * sizes.networkStruct.sizeBytes),
      executor.read(this.population.buffer("keptCorrect"), 0, this.slots * tasks * 4),
    ]);
    const networks = new StructArray(sizes.networkStruct, networkBytes);
    const keptCorrect = new Uint32Array(keptCorrectBytes);
    for (const [slot, level] of this.#running) {
      if (submission < level.firstSubmission) continue;
      const epochs = networks.get(slot, "epochs");
      const [trainLoss, valLoss] = [networks.get(slot, "trainLoss"), networks.get(slot, "validationLoss")];
      const isSound = Number.isFinite(trainLoss) && Number.isFinite(valLoss);
      if (networks.get(slot, "running") === 1 && isSound) {
        if (epochs > 0) level.observe?.({ epochs, trainLoss, valLoss });
        continue;
      }
      this.#running.delete(slot);
      if (!isSound) this.#rest(slot);
      level.done({
        epochs,
        steps: networks.get(slot, "step"),
        keptEpoch: networks.get(slot, "keptEpoch"),
        trainLoss: isSound ? networks.get(slot, "keptTrainLoss") : trainLoss,
        valLoss: isSound ? networks.get(slot, "keptValidationLoss") : valLoss,
        correct: Array.from(keptCorrect.subarray(slot * tasks, (slot + 1) * tasks)),
      });
    }
  }

  /** Stops a network that has diverged. */
  #rest(slot: number): void {
    const { executor, sizes } = this.population;
    const zeros = new Uint8Array(sizes.networkStruct.sizeBytes);
    executor.write(this.population.buffer("networks"), zeros, slot * zeros.byteLength);
  }
}
