import * as z from "zod";
import { JsonError, parseJsonText } from "../base/json.ts";
import type { JsonObject } from "./run_record.ts";

/**
 * One line of `timings.jsonl`: values of a level that may differ between two runs of the same spec, such as times,
 * machine, adapter and versions.
 */
export type Timing = JsonObject & { readonly level: number };

// Loose, because the values are for people and depend on platform and version.
const schema = z.looseObject({ level: z.int().nonnegative(), elapsedMs: z.number().nonnegative().optional() });

/** The content of `timings.jsonl`. */
export interface Timings {
  /** The last one of each level, in the order of the levels. */
  readonly timings: readonly Timing[];
  /** Numbers of the lines that are no timing, from 1. */
  readonly damaged: readonly number[];
  /** Levels with several lines, ascending. */
  readonly repeated: readonly number[];
}

/**
 * Reads the lines of `timings.jsonl`. A level that was stopped between two writes, or trained again, has two lines in
 * folders of older versions: the last one counts. A line that is no timing is passed over, since results do not depend
 * on it.
 */
export function parseTimings(lines: readonly string[]): Timings {
  const byLevel = new Map<number, Timing>();
  const damaged: number[] = [];
  const repeated = new Set<number>();
  for (const [index, line] of lines.entries()) {
    const timing = parsed(line);
    if (!timing) damaged.push(index + 1);
    else if (byLevel.has(timing.level)) repeated.add(timing.level);
    if (timing) byLevel.set(timing.level, timing);
  }
  return {
    timings: [...byLevel.values()].sort((a, b) => a.level - b.level),
    damaged,
    repeated: [...repeated].sort((a, b) => a - b),
  };
}

function parsed(line: string): Timing | undefined {
  try {
    return schema.safeParse(parseJsonText(line)).data;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}
