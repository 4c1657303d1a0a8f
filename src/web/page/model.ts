import type { Outcome } from "../../analysis/outcome.ts";
import type { Shape } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import type { RunMessage } from "../../lottery/messages.ts";
import type { LevelRecord } from "../../store/level_record.ts";
import type { ExperimentRequest, OpenedRun, OpenedTicket, Prepared } from "../protocol.ts";

/** A run as the page knows it. */
export interface RunView {
  readonly path: string;
  readonly name: string;
  readonly seed: number;
  readonly shape: Shape;
  /** Weights that each level trains with. */
  readonly remaining: readonly number[];
  readonly tasks: readonly Task[];
  readonly levels: LevelRecord[];
  /** The level in training. */
  now: { level: number; epochs: number; trainLoss: number; valLoss: number } | undefined;
  /** Undefined until the run has ended by itself. */
  outcome: Outcome | undefined;
}

/** What the experiment is doing. */
export type Phase = "idle" | "preparing" | "running" | "paused" | "stopping";

/** Everything that the page shows, and who is told when it changes. */
export class Model {
  phase: Phase = "idle";
  /** What the settings would run; undefined while they are wrong. */
  planned: ExperimentRequest | undefined;
  prepared: Prepared | undefined;
  /** The experiment's runs, or those that were opened. */
  runs: RunView[] = [];
  /** A ticket that was opened alone; shown in place of the runs. */
  ticket: OpenedTicket | undefined;
  #selected = 0;
  /** The level that is looked at; undefined follows the newest. */
  #level: number | undefined;
  readonly #listeners: (() => void)[] = [];
  #isTold = false;

  /** Calls back before the next frame after any change. */
  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  changed(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    // A hidden tab draws nothing; it is told when it is seen again.
    requestAnimationFrame(() => {
      this.#isTold = false;
      for (const listener of this.#listeners) listener();
    });
  }

  /** Whether an experiment is under way. */
  get isBusy(): boolean {
    return this.phase !== "idle";
  }

  /** The run that is looked at. */
  get run(): RunView | undefined {
    return this.runs[this.#selected];
  }

  /** The newest level of the run that has a mask: the one in training, else the last finished. */
  get newestLevel(): number {
    const { run } = this;
    return run?.now?.level ?? Math.max(0, (run?.levels.length ?? 1) - 1);
  }

  /** The level that is looked at. */
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

  /** Looks at a level of the run; the newest one is followed from then on. */
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

  /** An experiment begins, or goes on on another device: what its runs have is kept. */
  prepare(prepared: Prepared): void {
    const { runs, shape, remaining, tasks, name } = prepared;
    const selected = this.run?.path;
    const known = new Map(this.runs.map((run) => [run.path, run]));
    this.prepared = prepared;
    this.ticket = undefined;
    this.runs = runs.map(({ seed, path }) => {
      const run = known.get(path);
      // Finished levels are told again as they are found.
      run?.levels.splice(0);
      return run ?? { path, name, seed, shape, remaining, tasks, levels: [], now: undefined, outcome: undefined };
    });
    this.#selected = Math.max(
      0,
      this.runs.findIndex(({ path }) => path === selected),
    );
    this.#level = undefined;
    this.changed();
  }

  /** Takes in what a run says of itself. */
  hear(path: string, message: RunMessage): void {
    const run = this.runs.find((each) => each.path === path);
    if (!run) return;
    switch (message.kind) {
      case "found":
        run.levels.push(message.record);
        break;
      case "start":
        run.now = { level: message.level, epochs: 0, trainLoss: Number.NaN, valLoss: Number.NaN };
        break;
      case "progress":
        run.now = message;
        break;
      case "level":
        run.levels.push(message.record);
        run.now = undefined;
        break;
      case "failed":
        run.now = undefined;
        break;
      case "outcome":
        run.outcome = message.outcome;
        break;
    }
    this.changed();
  }

  /** The experiment has ended: what was in training is no more. */
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
