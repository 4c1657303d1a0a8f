import type { Outcome } from "../../analysis/outcome.ts";
import type { Shape } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import type { RunMessage } from "../../lottery/messages.ts";
import type { LevelRecord } from "../../store/level_record.ts";
import type { BranchesProgress, DataFacts, ExperimentRequest, OpenedRun, OpenedTicket, Prepared } from "../protocol.ts";

/** A run as the page knows it. */
export interface RunView extends DataFacts {
  readonly path: string;
  readonly name: string;
  readonly seed: number;
  readonly shape: Shape;
  /** Weights that each level trains with. */
  remaining: readonly number[];
  readonly tasks: readonly Task[];
  readonly levels: LevelRecord[];
  /** The level in training. */
  now: { level: number; epochs: number; steps: number; trainLoss: number; valLoss: number } | undefined;
  /** Undefined until the run has ended by itself. */
  outcome: Outcome | undefined;
  /** Of a branch that was opened without the run that it branches from. */
  readonly branch?: OpenedRun["branch"];
  /** Whether it failed, such as by training that diverged, and has not begun again. */
  failed?: boolean;
}

/** The state of the experiment. */
export type Phase = "idle" | "preparing" | "running" | "paused" | "stopping";

/** Something that is trained from stored runs. */
export interface StudyNow {
  readonly name: "branches" | "stability";
  /** Undefined until the training begins. */
  readonly progress: BranchesProgress | undefined;
  readonly isStopping: boolean;
}

/** Everything that the page shows, with listeners for its changes. */
export class Model {
  phase: Phase = "idle";
  /** The experiment that the settings describe; undefined while they are invalid. */
  planned: ExperimentRequest | undefined;
  prepared: Prepared | undefined;
  /** The experiment's runs, or those that were opened. */
  runs: RunView[] = [];
  /** A ticket that was opened without its run; shown in place of the runs. */
  ticket: OpenedTicket | undefined;
  /** What is trained from the runs; no experiment is in progress meanwhile. */
  study: StudyNow | undefined;
  #selected = 0;
  /** The chosen level; undefined while the newest is followed. */
  #level: number | undefined;
  readonly #listeners: (() => void)[] = [];
  #isScheduled = false;

  /** Adds a listener, which is called before the next frame after a change. */
  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  changed(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // A hidden tab gets no frames: its listeners are called when it is visible again.
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }

  /** Whether an experiment is in progress. */
  get isRunning(): boolean {
    return this.phase !== "idle";
  }

  /** Whether anything is in training. */
  get isBusy(): boolean {
    return this.isRunning || this.study !== undefined;
  }

  /** The chosen run. */
  get run(): RunView | undefined {
    return this.runs[this.#selected];
  }

  /** The newest level of the run that has a mask: the one in training, else the last finished. */
  get newestLevel(): number {
    const { run } = this;
    return run?.now?.level ?? Math.max(0, (run?.levels.length ?? 1) - 1);
  }

  /** The chosen level. */
  get level(): number {
    return Math.min(this.#level ?? this.newestLevel, this.newestLevel);
  }

  /** Whether the newest level is followed. */
  get isFollowing(): boolean {
    return this.#level === undefined;
  }

  select(run: RunView): void {
    this.#selected = this.runs.indexOf(run);
    this.changed();
  }

  /** Chooses a level of the run; a choice of the newest level follows the newest from then on. */
  lookAt(level: number): void {
    this.#level = level >= this.newestLevel ? undefined : level;
    this.changed();
  }

  setPlanned(planned: ExperimentRequest | undefined): void {
    this.planned = planned;
    this.changed();
  }

  setPhase(phase: Phase): void {
    this.phase = phase;
    this.changed();
  }

  setStudy(study: StudyNow | undefined): void {
    this.study = study;
    this.changed();
  }

  hearStudy(progress: BranchesProgress): void {
    if (this.study) this.setStudy({ ...this.study, progress });
  }

  /** An experiment starts, or continues on another device; known runs are kept. */
  prepare(prepared: Prepared): void {
    const { runs, shape, remaining, tasks, name, inputNames, baselines } = prepared;
    const selected = this.run?.path;
    const known = new Map(this.runs.map((run) => [run.path, run]));
    this.prepared = prepared;
    this.ticket = undefined;
    this.runs = runs.map(({ seed, path }) => {
      const run = known.get(path);
      // Finished levels are reported again when they are found.
      run?.levels.splice(0);
      const facts = { name, shape, remaining, tasks, inputNames, baselines };
      return run ?? { path, seed, ...facts, levels: [], now: undefined, outcome: undefined };
    });
    this.#selected = Math.max(
      0,
      this.runs.findIndex(({ path }) => path === selected),
    );
    this.#level = undefined;
    this.changed();
  }

  /** Updates a run by its message. */
  hear(path: string, message: RunMessage): void {
    const run = this.runs.find((each) => each.path === path);
    if (!run) return;
    switch (message.kind) {
      case "damaged":
        break;
      case "found":
        run.levels.push(message.record);
        break;
      case "start":
        run.failed = false;
        // With a target of active weights, a level keeps more weights than the plan has active ones.
        run.remaining = run.remaining.map((planned, level) => (level === message.level ? message.remaining : planned));
        run.now = { level: message.level, epochs: 0, steps: 0, trainLoss: Number.NaN, valLoss: Number.NaN };
        break;
      case "progress":
        run.now = message;
        break;
      case "restarted":
      case "checkpoint":
      case "stored":
        break;
      case "level":
        run.levels.push(message.record);
        run.now = undefined;
        break;
      case "failed":
        run.failed = true;
        run.now = undefined;
        break;
      case "outcome":
        run.outcome = message.outcome;
        break;
    }
    this.changed();
  }

  /** The experiment has ended: no level is in training. */
  end(): void {
    for (const run of this.runs) run.now = undefined;
    this.setPhase("idle");
  }

  openRuns(runs: readonly OpenedRun[]): void {
    this.prepared = undefined;
    this.ticket = undefined;
    this.runs = runs.map((run) => ({ ...run, levels: [...run.levels], now: undefined }));
    this.#selected = 0;
    this.#level = undefined;
    this.changed();
  }

  openTicket(ticket: OpenedTicket): void {
    this.ticket = ticket;
    this.changed();
  }

  reset(): void {
    this.prepared = undefined;
    this.ticket = undefined;
    this.runs = [];
    this.#selected = 0;
    this.#level = undefined;
    this.changed();
  }
}

/** The first level of a run that is separated. */
export function separatedAt(run: RunView): LevelRecord | undefined {
  return run.levels.find(({ state }) => state === "separated");
}

/** `seed 3`, or of a branch `seed 3 of reinit, branch seed 1`. */
export function runLabel({ seed, branch }: Pick<RunView, "seed" | "branch">): string {
  if (!branch) return `seed ${seed}`;
  return `seed ${seed} of ${branch.kind}${branch.seed === undefined ? "" : `, branch seed ${branch.seed}`}`;
}
