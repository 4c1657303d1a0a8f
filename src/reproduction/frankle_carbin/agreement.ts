import { type MeanInterval, meanInterval } from "../../report/mean_interval.ts";
import { byRun, levelAt, type Measured, mapped, meanOf } from "./measured.ts";
import type { Statement } from "./published.ts";

/**
 * `undecided`: the interval lies on both sides of the stated bound, or holds the stated number and 0 too, or 0 and a difference as
 * large as those that the paper reports where it states none; `too few`: too few runs for an interval.
 */
export type Verdict = "agrees" | "differs" | "undecided" | "too few";

/** A statement of the paper beside ours. */
export interface StatementComparison extends Statement {
  /** Level of the runs, and its share of the weights, nearest to the stated one. */
  readonly level: number;
  readonly share: number;
  /** Ours with its 95 % interval over runs: of steps a relative change, of accuracies a difference of shares. */
  readonly ours: MeanInterval;
  readonly verdict: Verdict;
}

/**
 * Compares ours with each statement; statements on sizes that were not trained are left out. A run is compared with itself (its
 * ticket with its own dense network), and several re-initialisations of one ticket count once, by their mean. Steps are compared by the
 * mean of the logarithms of their ratios, since a step twice as late and one half as late are equally far.
 */
export function compareStatements(
  measured: readonly Measured[],
  statements: readonly Statement[],
): StatementComparison[] {
  return statements.flatMap((statement): StatementComparison[] => {
    const { quantity, kind, against, at, stated } = statement;
    const ofKind = measured.filter((each) => each.kind === kind && each.level > 0);
    const level = levelAt(ofKind, at);
    if (level === undefined) return [];
    const references = against === "dense" ? byRun(measured, "ticket", 0) : byRun(measured, against, level);
    const differences = byRun(ofKind, kind, level).flatMap((own) => {
      const reference = references.find(([{ seed }]) => seed === own[0].seed);
      if (!reference) return [];
      const value = (of: readonly Measured[]) =>
        meanOf(of.map(({ step, accuracy }) => (quantity === "step" ? Math.log(step) : accuracy)));
      return [value(own) - value(reference)];
    });
    if (differences.length === 0) return [];
    const mean = meanInterval(differences);
    const ours = quantity === "step" ? mapped(mean, Math.expm1) : mean;
    const [{ share }] = ofKind.filter((each) => each.level === level);
    return [{ ...statement, level, share, ours, verdict: verdictOf(ours, stated) }];
  });
}

function verdictOf({ low, high }: MeanInterval, stated: Statement["stated"]): Verdict {
  if (low === null) return "too few";
  const holds = (least: number, most: number) => low <= most && high >= least;
  if ("low" in stated) {
    if (!holds(stated.low, stated.high)) return "differs";
    // A change that may be none is not shown, whatever its size is said to be.
    return holds(0, 0) ? "undecided" : "agrees";
  }
  if ("noneFrom" in stated) {
    if (!holds(0, 0)) return "differs";
    return low > stated.noneFrom && high < stated.noneTo ? "agrees" : "undecided";
  }
  if ("above" in stated) return low > stated.above ? "agrees" : high <= stated.above ? "differs" : "undecided";
  return high < stated.below ? "agrees" : low >= stated.below ? "differs" : "undecided";
}
