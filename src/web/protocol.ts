import type { Outcome } from "../analysis/outcome.ts";
import type { NeuronCounts, WeightCounts } from "../analysis/states.ts";
import type { Shape } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { BrowserAdapter } from "../device/chrome.ts";
import type { RunMessage } from "../lottery/messages.ts";
import type { SpecInput } from "../lottery/spec_schema.ts";
import type { BranchRow } from "../report/branch_rows.ts";
import type { Figure } from "../report/figure.ts";
import type { BranchChoice } from "../run/branch.ts";
import type { StabilityOptions } from "../run/options.ts";
import type { LevelRecord, LevelState } from "../store/level_record.ts";
import type { BoundaryPicture } from "./worker/boundary.ts";
import type { NetworkPicture, Side } from "./worker/picture.ts";

/** Messages between the page and its worker; all of them can be cloned. */

/** Devices and engines that an experiment can ask for: the values of `--device` and `--engine`. */
export const deviceChoices = ["auto", "gpu", "software", "cpu"] as const;
export type DeviceChoice = (typeof deviceChoices)[number];
export const engineChoices = ["auto", "resident", "tiled", "dense", "sparse", "cpu"] as const;
export type EngineChoice = (typeof engineChoices)[number];

/** What the page asks the worker to run. */
export interface ExperimentRequest {
  /** Names the run folders: the preset's name. */
  readonly name: string;
  readonly input: SpecInput;
  readonly device: DeviceChoice;
  readonly engine: EngineChoice;
}

/** What is known of the data of a run beside its tasks. */
export interface DataFacts {
  /** Name of each input, where the data name them. */
  readonly inputNames?: readonly string[] | undefined;
  /** By task name: the score that needs no look at the inputs; undefined in runs of older versions. */
  readonly baselines?: Readonly<Record<string, number>> | undefined;
}

/** An experiment that is about to train. */
export interface Prepared extends DataFacts {
  readonly name: string;
  readonly shape: Shape;
  /** Weights that each level trains with. */
  readonly remaining: readonly number[];
  readonly tasks: readonly Task[];
  /** Run folders by seed. */
  readonly runs: readonly { readonly seed: number; readonly path: string }[];
  readonly engine: string;
  readonly executor: string;
  /** Why this engine, in a few words. */
  readonly reason: string;
  readonly kind: "gpu" | "software" | "cpu";
  readonly memoryBytes: number;
  /** What should be known before training, a line each. */
  readonly notices: readonly string[];
}

/** A run that was opened from files. */
export interface OpenedRun extends DataFacts {
  readonly path: string;
  readonly name: string;
  readonly seed: number;
  readonly shape: Shape;
  readonly remaining: readonly number[];
  readonly tasks: readonly Task[];
  readonly levels: readonly LevelRecord[];
  readonly outcome: Outcome | undefined;
  /** Of a branch that was opened without the run that it branches from. */
  readonly branch?: { readonly kind: string; readonly seed: number | undefined } | undefined;
}

/** The source of a ticket's coverage: its file, an open run of its shape, or the settings of the page. */
export type CoverageSource = "ticket" | "run" | "settings";

/** What a ticket's file does not tell: its tasks, their coverage, the order of its layers. */
export interface TicketQuestions {
  /** Names of the layers in their order, separated by commas; undefined before the visitor was asked. */
  readonly layers?: string;
  /** As `name:inputs:outputs,..`; undefined before the visitor was asked. */
  readonly tasks?: string;
  /** The coverage of the page's settings. */
  readonly coverage: CoverageKind;
}

/** A ticket that was opened without its run, with its analysis. */
export interface OpenedTicket {
  readonly path: string;
  readonly shape: Shape;
  readonly tasks: readonly Task[];
  /** The coverage that decides its state. */
  readonly coverage: CoverageKind;
  readonly coverageSource: CoverageSource;
  readonly remaining: number;
  readonly weights: WeightCounts;
  readonly neurons: NeuronCounts;
  readonly subnetworks: number;
  readonly state: LevelState;
  /** Lines that say how the file was understood. */
  readonly notes: readonly string[];
}

/** The content of an opened file. */
export type Opened =
  | {
      readonly kind: "runs";
      /** The runs; where the files hold branches alone, these. */
      readonly runs: readonly OpenedRun[];
      /** Branches beside the runs: they are kept, and read when the same branches are asked for. */
      readonly branches: readonly OpenedRun[];
    }
  | { readonly kind: "ticket"; readonly ticket: OpenedTicket }
  /** The tasks of the ticket are not known: the page must ask for them. */
  | { readonly kind: "tasks-needed"; readonly shape: Shape }
  /** The order of the layers cannot be found out: the page must ask for it. */
  | { readonly kind: "layers-needed"; readonly problem: string; readonly layerNames: readonly string[] };

/** How many active weights use each input; the inputs of each task are a square image. */
export interface InputUse {
  /** Active weights that leave each input. */
  readonly use: Uint32Array;
  readonly tasks: readonly Task[];
}

/** A network before it trains. */
export interface Preview {
  readonly picture: NetworkPicture;
  readonly tasks: readonly Task[];
}

/** Stored runs of one spec, and where their branches are to be trained; `auto` is where the runs were. */
interface StoredRuns {
  /** Run folders. */
  readonly paths: readonly string[];
  readonly device: DeviceChoice;
  readonly engine: EngineChoice;
}

/** Branches that the page asks for; the ticket itself is added as the reference. */
export interface BranchRequest extends StoredRuns {
  readonly choice: BranchChoice;
}

/** A measurement of stability that the page asks for. */
export interface StabilityRequest extends StoredRuns {
  readonly choice: Pick<StabilityOptions, "levels" | "copies" | "points">;
}

/** What branches can be taken of a run. */
export interface BranchUse {
  /** Why it has no branches at all. */
  readonly problem: string | undefined;
  /** By the name of a kind that cannot be used: why. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** How much is to be trained; what is stored already is among it. */
export interface BranchesPlan {
  readonly runs: number;
  readonly levels: number;
}

/** Branches in training. */
export interface BranchesProgress {
  readonly levels: number;
  readonly done: number;
  /** Lines that a visitor should know. */
  readonly notes: readonly string[];
}

/** A table of texts and numbers. */
export interface ReportTable {
  readonly heads: readonly string[];
  readonly cells: readonly (readonly (string | number)[])[];
}

/** A branch that failed. */
export interface FailedBranch {
  /** Of its experiment: that of the run and the kind. */
  readonly name: string;
  readonly seed: number;
  readonly message: string;
}

/** What the tickets of some levels are worth. */
export interface BranchReport {
  readonly rows: readonly BranchRow[];
  /** Of all tasks, such as accuracy. */
  readonly scoreName: string;
  /** The rows in columns. */
  readonly table: ReportTable;
  /** Lines on the table. */
  readonly notes: readonly string[];
  /** The rows as a file. */
  readonly csv: string;
  readonly figure: Figure;
  readonly failed: readonly FailedBranch[];
}

/** The stability of the tickets of some levels. */
export interface StabilityReport {
  /** Undefined where no two copies of a ticket are trained. */
  readonly measured?: {
    /** A row for each line. */
    readonly table: ReportTable;
    /** A row for each point of each line, as a file. */
    readonly csv: string;
    readonly figure: Figure;
  };
  readonly failed: readonly FailedBranch[];
}

/** The methods of the worker. A promise that is rejected carries a message for the visitor. */
export interface Laboratory {
  /** The adapter that the browser offers; undefined where there is none. */
  adapter(): Promise<BrowserAdapter | undefined>;
  /** Runs an experiment; fulfilled when it has ended or was stopped. */
  start(request: ExperimentRequest, isPaused: boolean): Promise<void>;
  /** Lets no further level start. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Lets every run that waits train one level. */
  step(): Promise<void>;
  /** Ends the experiment, or the training of branches, at once; finished levels are kept. */
  stop(): Promise<void>;
  branchUse(path: string): Promise<BranchUse>;
  branchesPlan(request: BranchRequest): Promise<BranchesPlan>;
  stabilityPlan(request: StabilityRequest): Promise<BranchesPlan>;
  /** Trains branches; undefined if they were stopped: what is finished is kept. */
  branches(request: BranchRequest): Promise<BranchReport | undefined>;
  /** Trains copies of tickets and measures the lines between them; undefined as of {@link branches}. */
  stability(request: StabilityRequest): Promise<StabilityReport | undefined>;
  /** Forgets all runs. */
  reset(): Promise<void>;
  /** The dense network of an experiment; undefined if its tasks are known only after its data is loaded. */
  preview(request: ExperimentRequest, side: Side): Promise<Preview | undefined>;
  picture(path: string, level: number, side: Side): Promise<NetworkPicture>;
  /**
   * The network's decisions at the end of a level, or its current ones if the level is in training; undefined if its
   * weights are not kept or a task does not have two inputs.
   */
  boundary(path: string, level: number): Promise<readonly BoundaryPicture[] | undefined>;
  inputUse(path: string, level: number): Promise<InputUse>;
  /** All run folders as one zip file. */
  archive(): Promise<Uint8Array<ArrayBuffer>>;
  /** A level's mask and initial weights as safetensors. */
  ticket(path: string, level: number): Promise<Uint8Array<ArrayBuffer>>;
  graphml(path: string, level: number): Promise<string>;
  /**
   * Opens a zip file of run folders or a ticket.
   * @param asked what a ticket's file may not tell
   */
  openFile(name: string, bytes: Uint8Array<ArrayBuffer>, asked: TicketQuestions): Promise<Opened>;
  /** Opens a folder that holds run folders, or is one: its files by path. */
  openFolder(name: string, files: readonly (readonly [string, Uint8Array])[]): Promise<Opened>;
}

/** Events that the worker sends. */
export type LabEvent =
  | { readonly kind: "loading"; readonly file: string; readonly loadedBytes: number; readonly sizeBytes: number }
  | { readonly kind: "prepared"; readonly prepared: Prepared }
  | { readonly kind: "run"; readonly path: string; readonly message: RunMessage }
  | { readonly kind: "branches"; readonly progress: BranchesProgress }
  /** The device failed; the runs continue from their last finished levels and checkpoints on a new one. */
  | { readonly kind: "device-lost"; readonly message: string };
