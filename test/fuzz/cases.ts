import { InputError } from "../../src/base/errors.ts";
import { Chance } from "./chance.ts";
import type { Corpus } from "./corpus.ts";
import { type Case, type Reader, readers } from "./readers.ts";
import { checkRefusal, Finding } from "./verdict.ts";

/** How a case ended. */
export interface Result {
  readonly reader: string;
  readonly verdict: "accepted" | "refused" | "finding";
  /** Of a finding. */
  readonly problem?: string;
  readonly input?: unknown;
  readonly elapsedMs: number;
}

/** Longest time of a case; inputs have some kilobytes. */
const mostMs = 5000;
/** Growth of the process that a case may cause. */
const mostGrowthKb = 186_000;

/** The reader of a case, by its number: readers take turns by their shares, the same in every series. */
export function readerOf(seed: number, number: number, wanted?: string): Reader {
  const found = wanted === undefined ? readers : readers.filter(({ name }) => name === wanted);
  if (found.length === 0)
    throw new InputError(`reader ${wanted}: choose ${readers.map(({ name }) => name).join(", ")}`);
  const all = found.reduce((sum, { share }) => sum + share, 0);
  let at = (new Chance(seed, number, 1).word() / 2 ** 32) * all;
  for (const reader of found) {
    at -= reader.share;
    if (at < 0) return reader;
  }
  return found[0];
}

/** Makes and reads the case of a number. */
export async function runCase(corpus: Corpus, seed: number, number: number, wanted?: string): Promise<Result> {
  const reader = readerOf(seed, number, wanted);
  const made: Case = reader.make(new Chance(seed, number, 2), corpus);
  const grownBefore = process.resourceUsage().maxRSS;
  const startedAt = performance.now();
  const result = (verdict: Result["verdict"], more: Partial<Result> = {}): Result => ({
    reader: reader.name,
    verdict,
    elapsedMs: performance.now() - startedAt,
    ...more,
  });
  try {
    let verdict: "accepted" | "refused" = "accepted";
    try {
      await made.read();
    } catch (error) {
      checkRefusal(error, made.input, made.given);
      verdict = "refused";
    }
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs > mostMs) throw new Finding(`it took ${Math.round(elapsedMs)} ms`);
    const grownKb = process.resourceUsage().maxRSS - grownBefore;
    if (grownKb > mostGrowthKb) throw new Finding(`the process grew by ${grownKb} kB`);
    return result(verdict);
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    return result("finding", { problem: error.message, input: made.input });
  }
}
