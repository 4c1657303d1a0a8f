import { measures } from "../analysis/measures/measures.ts";
import { plural, threeDigits } from "../base/format.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { type AreaInterval, areaUnderCurve, holm, permutationP, type Scored } from "./area_under_curve.ts";
import type { TableSection } from "./html.ts";
import { measuredNames } from "./measure_columns.ts";
import { byDataSet, dataSeedOf, type ReportedRun, separationLevel } from "./reported_run.ts";
import { variedKeys } from "./run_specs.ts";

/** Fewest runs of either outcome for a comparison. */
const fewestRuns = 5;

/** How well a quantity of a level tells which of the runs that are interconnected there separate later. */
export interface Prediction extends AreaInterval {
  readonly quantity: string;
  readonly level: number;
  /** Runs that are interconnected at the level and separate at a later one. */
  readonly separating: number;
  /** Those that are interconnected there and never separate. */
  readonly others: number;
  /** Of no relation, by permutation within data sets. */
  readonly p: number;
  /** The same, corrected for the number of comparisons. */
  readonly corrected: number;
}

/** Quantities that every level has, beside the measures; the degrees of separation are means over the hidden layers. */
const ofEveryLevel: readonly { readonly name: string; readonly value: (record: LevelRecord) => number | null }[] = [
  { name: "validation loss", value: ({ valLoss }) => valLoss },
  { name: "epochs", value: ({ epochs }) => epochs },
  { name: "degree, from outputs", value: ({ degree }) => meanOverHidden(degree.fromOutputs) },
  { name: "degree, from inputs", value: ({ degree }) => meanOverHidden(degree.fromInputs) },
];

/** Mean degree of separation over the hidden layers that have active neurons; null where none has. */
export function meanOverHidden(degrees: readonly (number | null)[]): number | null {
  const hidden = degrees.slice(1, -1).filter((degree) => degree !== null);
  return hidden.length === 0 ? null : hidden.reduce((sum, degree) => sum + degree, 0) / hidden.length;
}

/**
 * How well the measures of each level, and a few other quantities, predict separation at a later level. At a level only the runs count that
 * have been interconnected at every level up to it. Left out are levels with fewer than five runs of either outcome, and quantities that are equal for all
 * runs of a level, or missing for one.
 * @param runs with the same spec but for seeds
 */
export function predictions(runs: readonly ReportedRun[]): Prediction[] {
  const finished = runs.filter((run) => run.finished);
  const names = measuredNames(finished.flatMap(({ levels }) => levels));
  const quantities = [
    ...names.map((name) => ({
      name,
      value: ({ measures: own }: LevelRecord) => {
        const value = own?.[name];
        return typeof value === "number" ? value : null;
      },
    })),
    ...ofEveryLevel,
  ];
  const last = Math.max(...finished.map(({ levels }) => levels.length)) - 1;
  const found: Omit<Prediction, "corrected">[] = [];
  for (let level = 0; level < last; level++) {
    const standing = finished.filter(
      ({ levels }) =>
        level < levels.length && levels.slice(0, level + 1).every(({ state }) => state === "interconnected"),
    );
    const separating = standing.filter((run) => separationLevel(run) !== undefined).length;
    const others = standing.length - separating;
    if (separating < fewestRuns || others < fewestRuns) continue;
    for (const { name, value } of quantities) {
      const scores = standing.map(({ levels }) => value(levels[level]));
      const scored = standing.flatMap((run, i): Scored[] => {
        const score = scores[i];
        if (score === null) return [];
        return [{ score, positive: separationLevel(run) !== undefined, cluster: dataSeedOf(run) }];
      });
      if (scored.length < standing.length || new Set(scores).size === 1 || !hasPair(scored)) continue;
      const p = permutationP(scored);
      found.push({ quantity: name, level, separating, others, ...areaUnderCurve(scored), p });
    }
  }
  const corrected = holm(found.map(({ p }) => p));
  return found.map((each, i) => ({ ...each, corrected: corrected[i] }));
}

/** Whether some data set has runs of both outcomes. */
function hasPair(runs: readonly Scored[]): boolean {
  return runs.some((run) => runs.some((other) => run.positive && !other.positive && run.cluster === other.cluster));
}

/** Keys in which runs of one spec may differ. */
const seedKeys = new Set(["dataSeed", "initSeed", "orderSeed"]);

/** Why runs are not compared by what predicts separation; undefined where they are. */
export function notPredicted(runs: readonly ReportedRun[]): string | undefined {
  const varied = variedKeys(runs).filter((key) => !seedKeys.has(key));
  return varied.length === 0 ? undefined : `what predicts separation: the runs differ in ${varied.join(", ")}`;
}

/** The comparisons as a table. */
export function predictionSection(runs: readonly ReportedRun[], found: readonly Prediction[]): TableSection {
  const cell = (text: string, value: string | number | null = text) => ({ text, value });
  const dataSets = byDataSet(runs).length;
  const interval = ({ low, high }: Prediction) =>
    low === null || high === null ? "none" : `${low.toFixed(2)} to ${high.toFixed(2)}`;
  return {
    title: "What predicts separation",
    text: `How well each quantity of a level tells which of the runs that have been interconnected up to that level separate at a later one: the area under the ROC curve, which is the share of pairs of a run that separates and one of the same data set that never does in which the first has the higher value, ties half. 0.5 is chance; near 0, low values tell separation, near 1, high ones. ${
      dataSets > 1
        ? `The 95 % interval takes the ${dataSets} data sets as clusters`
        : "The 95 % interval is DeLong's (1988) and holds for this data set alone"
    }; p is that of no relation, by 9,999 random orders of the outcomes within data sets. These are ${plural(found.length, "comparison")} of the same runs, one for each quantity and level: the last column corrects p for their number (Holm 1979). Nothing is tested on other runs.`,
    table: {
      columns: ["level", "quantity", "separate later", "never separate", "area (AUC)", "95 %", "p", "p, corrected"],
      rows: found.map((each) => [
        cell(String(each.level), each.level),
        cell(each.quantity),
        cell(String(each.separating), each.separating),
        cell(String(each.others), each.others),
        cell(each.area.toFixed(2), each.area),
        cell(interval(each)),
        cell(threeDigits(each.p), each.p),
        cell(threeDigits(each.corrected), each.corrected),
      ]),
    },
  };
}

/** The comparisons in whole sentences: how many hold after correction, and the furthest from chance at the first level that has one. */
export function predictionSummary(found: readonly Prediction[]): string[] {
  if (found.length === 0) return [];
  const holding = found.filter(({ corrected }) => corrected < 0.05);
  const start = `Of ${plural(found.length, "comparison")} of a quantity at a level with separation at a later one, ${holding.length} hold after correction for their number (p below 0.05).`;
  if (holding.length === 0) return [start];
  const first = Math.min(...holding.map(({ level }) => level));
  const distance = ({ area }: Prediction) => Math.abs(area - 0.5);
  const describe = (each: Prediction) =>
    `${each.quantity} at level ${each.level} (AUC ${each.area.toFixed(2)}${each.low === null || each.high === null ? "" : `, 95 % ${each.low.toFixed(2)} to ${each.high.toFixed(2)}`})`;
  const furthest = (of: readonly Prediction[]) => of.toSorted((a, b) => distance(b) - distance(a))[0];
  return [
    `${start} The first level with such a one is ${first}, where the furthest from chance is ${describe(furthest(holding.filter(({ level }) => level === first)))}; the furthest of all is ${describe(furthest(holding))}.`,
  ];
}

/** Whether the records of some runs hold measures. */
export function hasMeasures(runs: readonly ReportedRun[]): boolean {
  return runs.some(({ levels }) => levels.some((level) => level.measures !== undefined));
}

/** The summary of a measure for a caption; its name where this version does not know it. */
export function measureSummary(name: string): string {
  return measures.has(name) ? measures.get(name).summary : name;
}
