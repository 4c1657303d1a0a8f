import type { AskedKernels } from "../engine/adapter/cost.ts";
import type { NamedData } from "../lottery/branch/data.ts";
import type { GridInput } from "../lottery/grid.ts";
import type { RunObserver } from "../lottery/messages.ts";
import type { RunPlan } from "./run_plan.ts";

/**
 * An experiment to run: the name of a preset; the path of a spec file (.json: a spec, a grid, or a list of them) or of
 * a dataset (.csv, .npz); a spec or grid; or a spec or grid with a name for its folders.
 */
export type ExperimentInput = string | GridInput | { readonly name: string; readonly spec: GridInput };

/** The requested device and engine. */
export interface EngineChoice {
  /**
   * `auto`: a hardware adapter if this process has one, else the CPU, and the faster of both if `engine` is `auto` too;
   * `gpu` and `software`: an adapter of that kind only; `cpu`: no adapter.
   */
  readonly device?: "auto" | "gpu" | "software" | "cpu" | undefined;
  /**
   * `cpu` needs no adapter; the others need an adapter of any kind. `auto` is `cpu` where that is faster or there is no
   * adapter; on an adapter it trains each level with the kernels of least cost: `dense`, `sparse` (together `tiled`) or
   * `resident`.
   */
  readonly engine?: AskedKernels | "cpu" | undefined;
}

/** Options of a run that determine its plan. */
export interface PlanOptions extends EngineChoice {
  /** Keys that replace those of every experiment; a list in place of one value makes a grid. */
  readonly set?: Readonly<Partial<GridInput>> | undefined;
  /** Path of a safetensors file with the initial weights; undefined: drawn from the seed. */
  readonly init?: string | undefined;
  /** Folder of all runs, default `runs`; null stores nothing on disk. */
  readonly out?: string | null | undefined;
}

/** A run that another process writes. */
export interface HeldRun {
  /** Index of the run's experiment in the plan, from 0. */
  readonly experiment: number;
  readonly seed: number;
  /** Its run folder. */
  readonly folder: string;
  /** Name of the machine and number of the process that holds it; absent where its lock file cannot be read. */
  readonly host?: string;
  readonly pid?: number;
}

/** A failed device that a fresh one has replaced. */
export interface DeviceRestart {
  /** One line: `SwiftShader driver 5.0.0: device lost (unknown): ..`. */
  readonly cause: string;
  /** Number of runs that go on, from their last finished levels and checkpoints. */
  readonly runs: number;
}

/** Options of a run. */
export interface RunOptions extends PlanOptions {
  /** Receives the events of all runs; must not throw. */
  readonly observe?: RunObserver | undefined;
  /** Awaited before each level of each run, so that a page can pause. */
  readonly beforeLevel?: (() => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Shortest time between two checkpoints of a level in training, in seconds from 0 to 1,000,000; default 300. A stopped run
   * goes on from the last one, to the same bytes. 0 stores none.
   */
  readonly checkpointEvery?: number | undefined;
  /**
   * Whether to wait for runs that other processes train, after all others, and to use their results; a run whose process
   * is gone is finished. Default true; false passes over them.
   */
  readonly wait?: boolean | undefined;
  /** Called before waiting for other processes, and again when their processes change. */
  readonly onWait?: ((held: readonly HeldRun[]) => void) | undefined;
  /**
   * Whether runs that were begun by a version that trains otherwise may be gone on with; default false. Their `run.json`
   * then lists both.
   */
  readonly allowOtherVersion?: boolean | undefined;
  /** Called when runs go on on a fresh device after theirs has failed. */
  readonly onRestart?: ((restart: DeviceRestart) => void) | undefined;
  /** Called once with the plan, before training starts. */
  readonly onStart?: ((plan: RunPlan) => void) | undefined;
}

/** Options of branches; device and engine are those of the run unless one of the two is given. */
export interface BranchOptions extends Omit<RunOptions, "set" | "init"> {
  /** Names of kinds of branches; the ticket itself is added as the reference. */
  readonly kinds: readonly string[];
  /** Levels of the run; undefined: all finished ones but the dense one. */
  readonly levels?: readonly number[] | undefined;
  /** Branch seeds, unsigned 32-bit integers; default 0 to 4. */
  readonly seeds?: readonly number[] | undefined;
  /**
   * Of the kind `data`: a preset, a dataset's name, a spec file (.json) or a file of own data; or one of them with another
   * `dataSeed`.
   */
  readonly data?: string | NamedData | undefined;
  /** Of the kind `transplant`: folder of the run whose masks are taken. */
  readonly from?: string | undefined;
  /** Whether trained weights are stored; undefined: as in the run. */
  readonly keepTrained?: boolean | undefined;
  /** Folder of the branches; default that of the run, null stores nothing on disk. */
  readonly out?: string | null | undefined;
}

/** Options of a measurement of stability; device and engine are those of the run unless one of the two is given. */
export interface StabilityOptions
  extends Omit<BranchOptions, "kinds" | "seeds" | "data" | "from" | "keepTrained" | "out"> {
  /** Copies of each ticket, each trained in an order of samples of its own; every two of them have a line. Default 2. */
  readonly copies?: number | undefined;
  /** Points of a line, both ends among them. Default 30. */
  readonly points?: number | undefined;
  /** Folder of the copies; default that of the run. */
  readonly out?: string | undefined;
}

/** Options of a test of a ticket against masks by chance. */
export interface NullTestOptions {
  /** Masks of each null model, from 1 to 1,000,000; default 10,000. */
  readonly count?: number | undefined;
  /** An unsigned 32-bit integer; default 0. */
  readonly seed?: number | undefined;
  /** Names of null models; default all. */
  readonly models?: readonly string[] | undefined;
  /** How the network of the ticket is initialised, for the model `untrained`; default kaiming-normal. */
  readonly initializer?: string | undefined;
  /** Its activation; default relu. */
  readonly activation?: string | undefined;
}
