import { createLogUpdate } from "log-update";
import type { RunMessage } from "../lottery/messages.ts";
import { formatClock, formatLoss, formatRough, inThousands, plural } from "./format.ts";

/** Time between two pictures of a terminal; ten a second look smooth and cost nothing. */
const redrawMs = 100;

/** What is known of a seed while it trains. */
interface SeedProgress {
  readonly startedAtMs: number;
  /** Levels that were found finished. */
  found: number;
  /** Levels finished by this process, and what they took. */
  trained: number;
  trainedMs: number;
  level: number;
  levelStartedAtMs: number;
  remaining: number;
  epochs: number;
  valLoss: number | undefined;
}

/** What the seeds of an experiment are at, told in lines. */
export class ProgressBoard {
  readonly #training = new Map<number, SeedProgress>();
  #ended = 0;

  /**
   * @param seedCount seeds of the experiment
   * @param lastLevel number of the trajectory's last level
   * @param nowMs a clock
   */
  constructor(
    readonly seedCount: number,
    readonly lastLevel: number,
    readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Takes a message in. Returns a line where it says something that is worth keeping, else undefined. */
  hear(message: RunMessage): string | undefined {
    const { seed } = message;
    const progress = this.#training.get(seed) ?? this.#admit(seed);
    switch (message.kind) {
      case "found":
        progress.found++;
        return undefined;
      case "start": {
        const isFirst = progress.trained === 0;
        Object.assign(progress, {
          level: message.level,
          remaining: message.remaining,
          levelStartedAtMs: this.nowMs(),
          epochs: 0,
          valLoss: undefined,
        });
        if (!isFirst || progress.found === 0) return undefined;
        return `seed ${seed}: found ${plural(progress.found, "finished level")}, going on with level ${message.level}`;
      }
      case "progress":
        progress.epochs = message.epochs;
        progress.valLoss = message.valLoss;
        return undefined;
      case "level": {
        progress.trained++;
        progress.trainedMs += message.elapsedMs;
        const { level, remaining, epochs, valLoss, state, winning } = message.record;
        return `seed ${seed}, level ${level}/${this.lastLevel}: ${plural(remaining, "weight")} left, ${plural(epochs, "epoch")}, validation loss ${formatLoss(valLoss)}, ${state}, ${winning ? "winning" : "not winning"}, ${(message.elapsedMs / 1000).toFixed(1)} s`;
      }
      case "outcome":
        this.#training.delete(seed);
        this.#ended++;
        return progress.trained === 0 ? `seed ${seed}: finished earlier, nothing to train` : undefined;
    }
  }

  /**
   * One line per seed that trains, in order, and how many are done.
   * @param most lines to be made, from 2
   */
  lines(most: number): string[] {
    const training = [...this.#training].filter(([, { level }]) => level >= 0).sort(([a], [b]) => a - b);
    const shown = training.slice(0, most - 1).map(([seed, progress]) => this.#line(seed, progress));
    const hidden = training.length - shown.length;
    const more = hidden > 0 ? `, ${inThousands(hidden)} more in training` : "";
    if (this.seedCount > 1 || more) {
      shown.push(`${inThousands(this.#ended)} of ${plural(this.seedCount, "seed")} done${more}`);
    }
    return shown;
  }

  #admit(seed: number): SeedProgress {
    const now = this.nowMs();
    const progress: SeedProgress = {
      startedAtMs: now,
      found: 0,
      trained: 0,
      trainedMs: 0,
      level: -1,
      levelStartedAtMs: now,
      remaining: 0,
      epochs: 0,
      valLoss: undefined,
    };
    this.#training.set(seed, progress);
    return progress;
  }

  #line(seed: number, progress: SeedProgress): string {
    const { level, remaining, epochs, valLoss, startedAtMs } = progress;
    const left = this.#estimateLeftMs(progress);
    return [
      `seed ${String(seed).padEnd(2)}`,
      `level ${String(level).padStart(String(this.lastLevel).length)}/${this.lastLevel}`,
      `${inThousands(remaining).padStart(7)} weights left`,
      `epoch ${inThousands(epochs).padStart(5)}`,
      `loss ${valLoss === undefined ? "-".padEnd(6) : formatLoss(valLoss).padEnd(6)}`,
      formatClock(this.nowMs() - startedAtMs),
      ...(left === undefined ? [] : [`about ${formatRough(left)} left`]),
    ].join("  ");
  }

  /** As if every level left took as long as those so far did on average; undefined before the first has ended. */
  #estimateLeftMs({ trained, trainedMs, level, levelStartedAtMs }: SeedProgress): number | undefined {
    if (trained === 0) return undefined;
    const whole = (this.lastLevel - level + 1) * (trainedMs / trained);
    return Math.max(0, whole - (this.nowMs() - levelStartedAtMs));
  }
}

/** Shows what a run tells. */
export interface ProgressView {
  readonly hear: (message: RunMessage) => void;
  /** Removes what is only of the moment. */
  readonly end: () => void;
}

/**
 * Shows progress on a stream: on a terminal a picture that is redrawn, elsewhere a line per finished level.
 * @param stream standard error
 */
export function showProgress(stream: NodeJS.WriteStream, board: ProgressBoard): ProgressView {
  if (!stream.isTTY || process.env.TERM === "dumb") {
    return {
      hear: (message) => {
        const line = board.hear(message);
        if (line !== undefined) stream.write(`${line}\n`);
      },
      end: () => {},
    };
  }
  // The cursor stays visible, so that a process that is killed leaves a whole terminal behind.
  const picture = createLogUpdate(stream, { showCursor: true });
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    hear: (message) => {
      const line = board.hear(message);
      if (line !== undefined && message.kind !== "level") {
        picture.clear();
        stream.write(`${line}\n`);
      }
      const now = performance.now();
      if (now - drawnAt < redrawMs) return;
      drawnAt = now;
      const columns = stream.columns ?? 80;
      const lines = board.lines(Math.max(2, (stream.rows ?? 24) - 1));
      picture(lines.map((text) => text.slice(0, columns - 1)).join("\n"));
    },
    end: () => picture.clear(),
  };
}
