import { createLogUpdate } from "log-update";
import { RunError } from "../base/errors.ts";
import { formatClock, formatLoss, formatRough, formatSeconds, inThousands, plural } from "../base/format.ts";
import { levelCost, runCost } from "../lottery/cost.ts";
import { damagedText } from "../lottery/damaged_text.ts";
import type { PlannedExperiment, RunEvent } from "../node.ts";
import { biasesLeft, type LevelRecord } from "../store/level_record.ts";
import { trainedLength } from "../store/trained_length.ts";
import { experimentLabels, isReportedByRun, runCount } from "./run_name.ts";
import type { Shell } from "./shell.ts";

/** Time between two redraws of a terminal: ten a second look smooth, at no measurable cost. */
const redrawMs = 100;

/** Most runs with a line of their own; the others are counted. */
const mostShown = 12;

/** The progress of a run. */
interface RunProgress {
  readonly experiment: number;
  readonly seed: number;
  readonly startedAtMs: number;
  /** Levels that an earlier process finished. */
  found: number;
  /** Levels finished by this process, and the time that they took. */
  trained: number;
  trainedMs: number;
  level: number;
  levelStartedAtMs: number;
  remaining: number;
  epochs: number;
  steps: number;
  valLoss: number | undefined;
  /** The first separated level. */
  separated: LevelRecord | undefined;
}

/** The progress of a population, as lines of text. */
export class ProgressBoard {
  readonly #begun = new Map<string, RunProgress>();
  readonly #labels: readonly string[];
  readonly #labelWidth: number;
  readonly #runs: number;
  readonly #isReportedByRun: boolean;
  #ended = 0;
  #failed = 0;
  #trainedRuns = 0;
  /** When the first level began to train. */
  #firstAtMs: number | undefined;
  /** Epochs of the finished levels. */
  #epochs = 0;
  /** Costs of the levels that this process has trained, and of those that it may still train. */
  #costDone = 0;
  #costLeft: number;

  /**
   * @param experiments the planned ones
   * @param nowMs the current time in milliseconds
   */
  constructor(
    readonly experiments: readonly PlannedExperiment[],
    readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#labels = experimentLabels(experiments);
    this.#labelWidth = this.#labels.reduce((most, label) => Math.max(most, label.length), 0);
    this.#runs = runCount(experiments);
    this.#isReportedByRun = isReportedByRun(experiments);
    this.#costLeft = experiments.reduce((sum, { spec, seeds }) => sum + seeds.length * runCost(spec), 0);
  }

  /** Updates the progress by a message. Returns a line to print, or undefined. */
  hear(message: RunEvent): string | undefined {
    const { experiment, seed } = message;
    const key = `${experiment} ${seed}`;
    const progress = this.#begun.get(key) ?? this.#begin(experiment, seed);
    this.#begun.set(key, progress);
    const name = `${this.#labels[experiment]}seed ${seed}`;
    switch (message.kind) {
      case "training":
      case "trained":
      case "stored":
        return undefined;
      case "damaged":
        return `${name}: ${damagedText(message)}`;
      case "found":
        progress.found++;
        this.#noteSeparation(progress, message.record);
        this.#costLeft -= levelCost(message.record.remaining);
        return undefined;
      case "start": {
        const isFirst = progress.trained === 0;
        this.#firstAtMs ??= this.nowMs();
        Object.assign(progress, {
          level: message.level,
          remaining: message.remaining,
          levelStartedAtMs: this.nowMs(),
          epochs: 0,
          steps: 0,
          valLoss: undefined,
        });
        if (!isFirst || progress.found === 0) return undefined;
        return `${name}: found ${plural(progress.found, "finished level")}, continuing with level ${message.level}`;
      }
      case "progress":
        progress.epochs = message.epochs;
        progress.steps = message.steps;
        progress.valLoss = message.valLoss;
        return undefined;
      case "restarted":
        progress.epochs = 0;
        progress.steps = 0;
        progress.valLoss = undefined;
        return `${name}: ${message.cause}; level ${message.level} is trained again`;
      case "checkpoint":
        return `${name}: ${message.text}`;
      case "level": {
        const { record, elapsedMs } = message;
        this.#noteSeparation(progress, record);
        progress.trained++;
        progress.trainedMs += elapsedMs;
        progress.epochs = 0;
        this.#epochs += record.epochs;
        this.#costDone += levelCost(record.remaining);
        this.#costLeft -= levelCost(record.remaining);
        return this.#isReportedByRun ? undefined : `${name}, ${this.#describeLevel(experiment, record, elapsedMs)}`;
      }
      case "outcome": {
        this.#end(key, progress);
        if (progress.trained > 0) this.#trainedRuns++;
        if (!this.#isReportedByRun) {
          return progress.trained === 0 ? `${name}: finished earlier, nothing to train` : undefined;
        }
        const took =
          progress.trained === 0
            ? "finished earlier"
            : `${plural(progress.trained, "level")} in ${formatClock(this.nowMs() - progress.startedAtMs)}`;
        const { separated } = progress;
        const ticket = separated ? `, ${winningOrLost(separated)} where it separated` : "";
        return `${name}: ${message.outcome}${ticket}, ${took}; ${this.#summary()}`;
      }
      case "failed":
        this.#end(key, progress);
        this.#failed++;
        return this.#isReportedByRun ? `${name}: ${this.#failure(message)}; ${this.#summary()}` : undefined;
    }
  }

  /**
   * One line per run in training, in order of experiment and seed, and a summary.
   * @param most lines, at least 2
   */
  lines(most: number): string[] {
    const training = this.#training().sort((a, b) => a.experiment - b.experiment || a.seed - b.seed);
    const shown = training.slice(0, Math.min(most - 1, mostShown)).map((progress) => this.#line(progress));
    return this.#runs > 1 ? [...shown, this.#summary()] : shown;
  }

  /** A run whose training diverged is not said to go on later: training is deterministic. */
  #failure({ error }: Extract<RunEvent, { kind: "failed" }>): string {
    return error instanceof RunError ? "diverged, the same command would diverge again" : "failed";
  }

  #noteSeparation(progress: RunProgress, record: LevelRecord): void {
    if (record.state === "separated") progress.separated ??= record;
  }

  #training(): RunProgress[] {
    return [...this.#begun.values()].filter(({ level }) => level >= 0);
  }

  #begin(experiment: number, seed: number): RunProgress {
    const now = this.nowMs();
    return {
      experiment,
      seed,
      startedAtMs: now,
      found: 0,
      trained: 0,
      trainedMs: 0,
      level: -1,
      levelStartedAtMs: now,
      remaining: 0,
      epochs: 0,
      steps: 0,
      valLoss: undefined,
      separated: undefined,
    };
  }

  #end(key: string, { experiment, found, trained }: RunProgress): void {
    this.#begun.delete(key);
    this.#ended++;
    // Levels that are skipped after a stop rule or a failure.
    const { remaining } = this.experiments[experiment].spec;
    for (const weights of remaining.slice(found + trained)) this.#costLeft -= levelCost(weights);
  }

  #lastLevel(experiment: number): number {
    return this.experiments[experiment].spec.remaining.length - 1;
  }

  #describeLevel(experiment: number, record: LevelRecord, elapsedMs: number): string {
    const { level, remaining, valLoss, state } = record;
    const left = biasesLeft(record);
    const biases = left === undefined ? "" : ` and ${inThousands(left)} ${left === 1 ? "bias" : "biases"}`;
    return `level ${level}/${this.#lastLevel(experiment)}: ${plural(remaining, "weight")}${biases} left, ${trainedLength(record)}, validation loss ${formatLoss(valLoss)}, ${state}, ${winningOrLost(record)}, ${formatSeconds(elapsedMs)}`;
  }

  #line(progress: RunProgress): string {
    const { experiment, seed, level, remaining, epochs, steps, valLoss, startedAtMs } = progress;
    const { maxSteps, evaluateEvery } = this.experiments[experiment].spec;
    const inSteps = maxSteps !== undefined || evaluateEvery !== undefined;
    const left = this.#isReportedByRun ? undefined : this.#estimateRunMs(progress);
    const lastLevel = this.#lastLevel(experiment);
    return [
      `${this.#labels[experiment].padEnd(this.#labelWidth)}seed ${String(seed).padEnd(2)}`,
      `level ${String(level).padStart(String(lastLevel).length)}/${lastLevel}`,
      `${inThousands(remaining).padStart(7)} weights left`,
      inSteps ? `step ${inThousands(steps).padStart(6)}` : `epoch ${inThousands(epochs).padStart(5)}`,
      `loss ${valLoss === undefined ? "-".padEnd(6) : formatLoss(valLoss).padEnd(6)}`,
      formatClock(this.nowMs() - startedAtMs),
      ...(left === undefined ? [] : [`about ${formatRough(left)} left`]),
    ].join("  ");
  }

  /** `5 of 28 runs done, 1 failed, 4 in training, 19 waiting, 3,210 network-epochs/s, 1:05, about 2 min left`. */
  #summary(): string {
    const training = this.#training();
    const waiting = this.#runs - this.#ended - this.#begun.size;
    const elapsedMs = this.nowMs() - (this.#firstAtMs ?? this.nowMs());
    const epochs = this.#epochs + training.reduce((sum, progress) => sum + progress.epochs, 0);
    const left = this.#estimateAllMs(elapsedMs);
    return [
      `${inThousands(this.#ended)} of ${plural(this.#runs, this.experiments.length === 1 ? "seed" : "run")} done`,
      ...(this.#failed > 0 ? [`${inThousands(this.#failed)} failed`] : []),
      ...(training.length > 0 ? [`${inThousands(training.length)} in training`] : []),
      ...(waiting > 0 ? [`${inThousands(waiting)} waiting`] : []),
      ...(elapsedMs >= 1000
        ? [`${inThousands(Math.round((epochs / elapsedMs) * 1000))} network-epochs/s`, formatClock(elapsedMs)]
        : []),
      ...(left === undefined ? [] : [`about ${formatRough(left)} left`]),
    ].join(", ");
  }

  /** Assumes for each level left the mean time of the levels trained so far; undefined before the first has ended. */
  #estimateRunMs({ experiment, trained, trainedMs, level, levelStartedAtMs }: RunProgress): number | undefined {
    if (trained === 0) return undefined;
    const whole = (this.#lastLevel(experiment) - level + 1) * (trainedMs / trained);
    return Math.max(0, whole - (this.nowMs() - levelStartedAtMs));
  }

  /** Assumes the time per unit of cost of the levels trained so far; undefined before a run has ended. */
  #estimateAllMs(elapsedMs: number): number | undefined {
    if (!this.#isReportedByRun || this.#trainedRuns === 0 || this.#ended === this.#runs) return undefined;
    return (elapsedMs * this.#costLeft) / this.#costDone;
  }
}

/** `not winning, lost: a`. */
function winningOrLost({ winning, lost = [] }: LevelRecord): string {
  return `${winning ? "winning" : "not winning"}${lost.length > 0 ? `, lost: ${lost.join(", ")}` : ""}`;
}

/** Shows the progress of runs. */
export interface ProgressView {
  readonly hear: (message: RunEvent) => void;
  /** Shows a line that stays. */
  readonly say: (line: string) => void;
  /** Clears the redrawn lines. */
  readonly end: () => void;
}

/**
 * Shows progress on standard error: on a terminal in lines that are redrawn, elsewhere in a line per finished level or
 * run.
 */
export function showProgress(shell: Shell, board: ProgressBoard): ProgressView {
  const stream = shell.stderr;
  if (!shell.redraws) {
    return {
      hear: (message) => {
        const line = board.hear(message);
        if (line !== undefined) stream.write(`${line}\n`);
      },
      say: (line) => shell.note(line),
      end: () => {},
    };
  }
  // The cursor stays visible, so that a killed process does not leave a terminal without one.
  const display = createLogUpdate(stream, { showCursor: true });
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    hear: (message) => {
      const line = board.hear(message);
      if (line !== undefined && message.kind !== "level" && message.kind !== "outcome") {
        display.clear();
        stream.write(`${line}\n`);
      }
      const now = performance.now();
      if (now - drawnAt < redrawMs) return;
      drawnAt = now;
      const columns = stream.columns ?? 80;
      const lines = board.lines(Math.max(2, (stream.rows ?? 24) - 1));
      display(lines.map((text) => text.slice(0, columns - 1)).join("\n"));
    },
    say: (line) => {
      display.clear();
      shell.note(line);
    },
    end: () => display.clear(),
  };
}
