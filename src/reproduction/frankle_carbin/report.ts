import { inThousands, plural } from "../../base/format.ts";
import type { Figure } from "../../report/figure.ts";
import type { ReportContent, TableSection } from "../../report/html.ts";
import { fewestValues } from "../../report/mean_interval.ts";
import type { ReportedRun } from "../../report/reported_run.ts";
import { runFacts, runSection, specSection } from "../../report/run_report.ts";
import { compareStatements, type StatementComparison } from "./agreement.ts";
import { type FrankleCarbinPlan, frankleCarbin } from "./experiment.ts";
import { type Course, courseFigure, earlyStoppingFigure, testAccuracyFigure } from "./figures.ts";
import type { Measured } from "./measured.ts";
import { type Kind, statements } from "./published.ts";

/** The content of a report on the experiment. */
export interface FrankleCarbinContent extends ReportContent {
  readonly comparisons: readonly StatementComparison[];
}

/** What the report is made of. */
export interface FrankleCarbinMaterial {
  /** The iterative runs, at least one, and the runs of their branches. */
  readonly runs: readonly ReportedRun[];
  readonly branches: readonly ReportedRun[];
  readonly measured: readonly Measured[];
  readonly courses: readonly Course[];
}

/** The report: each statement of the paper beside ours, and its figures. */
export function frankleCarbinReport(
  { scale, departures, set }: FrankleCarbinPlan,
  { runs, branches, measured, courses }: FrankleCarbinMaterial,
  version: string,
): FrankleCarbinContent {
  const comparisons = compareStatements(measured, statements);
  const figures: Figure[] = [earlyStoppingFigure(measured), testAccuracyFigure(measured)];
  if (courses.length > 0) figures.push(courseFigure(courses));
  const departing = Object.entries(departures).map(([key, value]) => `${key} = ${String(value)}`);
  return {
    title: `${frankleCarbin.title}${scale === "small" ? ", at small scale" : ""}`,
    summary: [
      "Figures 3 and 4 of “The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks” (J. Frankle, M. Carbin, ICLR 2019), run again by Split Ticket (reproduce frankle-carbin).",
      "Iterative runs give the tickets. Each ticket is trained again with new initial weights, and tickets of one pruning of the dense network (one-shot) have the sizes of the iterative ones. The early-stopping step is that of the lowest validation loss on held-out samples, found afterwards; accuracy is that of the test split at that step.",
      "Inputs are standardised per pixel, which the paper does not say; re-initialisations of one-shot tickets, which its figure 4 has too, are left out.",
      countSentence(comparisons),
      ...lastSentence(measured),
      ...(scale === "small"
        ? [
            "The scale is ours: fewer samples and fewer steps than the paper's, so numbers need not agree, and the question is whether the effects show.",
          ]
        : []),
      ...(departing.length > 0 ? [`This departs from the experiment: ${departing.join(", ")}.`] : []),
    ],
    facts: runFacts([...runs, ...branches], version),
    agreement: agreementSection(comparisons),
    figures,
    notDrawn: courses.length > 0 ? [] : ["the course of training, because no curves are stored"],
    runs: runSection(runs),
    spec: specSection(runs, (key) =>
      key in set ? "ours: asked for with this run" : frankleCarbin.choiceOf(key, scale),
    ),
    comparisons,
  };
}

function countSentence(comparisons: readonly StatementComparison[]): string {
  if (comparisons.length === 0) return "No size that the paper states something of was trained.";
  const having = (verdict: StatementComparison["verdict"]) =>
    comparisons.filter((each) => each.verdict === verdict).length;
  const rest = [
    ...(having("undecided") > 0 ? [`${having("undecided")} are undecided`] : []),
    ...(having("too few") > 0 ? [`${having("too few")} have too few runs to tell`] : []),
  ];
  const others = rest.length > 0 ? `; ${rest.join(", ")}` : "";
  const all = plural(comparisons.length, "comparison");
  return `Of ${all} with statements of the paper, ${having("agrees")} agree and ${having("differs")} differ${others}.`;
}

/** What is not known of trainings whose lowest validation loss is the last one. */
function lastSentence(measured: readonly Measured[]): string[] {
  const kinds = (Object.keys(kindWords) as (Kind | "dense")[]).flatMap((kind) => {
    const own = measured.filter((each) => (each.level === 0 ? "dense" : each.kind) === kind);
    const last = own.filter(({ isLast }) => isLast).length;
    return last > 0 ? [`${kindWords[kind]} ${inThousands(last)} of ${inThousands(own.length)}`] : [];
  });
  if (kinds.length === 0) return [];
  return [
    `Where the lowest validation loss is that of the last evaluation, a longer training might stop later, and the step is the least that it can be: ${kinds.join(", ")}.`,
  ];
}

const kindWords: Readonly<Record<Kind | "dense", string>> = {
  ticket: "tickets",
  reinit: "re-initialised",
  "one-shot": "one-shot",
  dense: "dense",
};

const quantityWords = { step: "early-stopping step", accuracy: "test accuracy" } as const;

/** `early-stopping step, tickets against dense`. */
export function describeStatement({ quantity, kind, against }: StatementComparison): string {
  return `${quantityWords[quantity]}, ${kindWords[kind]} against ${kindWords[against]}`;
}

/** `−38 %` of a step, `+0.31 points` of an accuracy, which are percentage points. */
export function describeChange(quantity: StatementComparison["quantity"], value: number): string {
  const scaled = 100 * value;
  const digits = quantity === "step" ? Math.abs(scaled).toFixed(0) : Math.abs(scaled).toFixed(2);
  const sign = Number(digits) === 0 ? "" : scaled < 0 ? "−" : "+";
  return `${sign}${digits}${quantity === "step" ? " %" : " points"}`;
}

/** `−29 % to 0 %` of a step, `−0.75 to +1.42 points` of an accuracy; undefined where there are too few runs. */
export function describeInterval({ quantity, ours: { low, high } }: StatementComparison): string | undefined {
  if (low === null) return undefined;
  const [from, to] = [low, high].map((value) => describeChange(quantity, value));
  return `${from.replace(/ points$/, "")} to ${to}`;
}

function agreementSection(comparisons: readonly StatementComparison[]): TableSection {
  const cell = (text: string, sortBy: string | number = text) => ({ text, value: sortBy });
  return {
    title: "Agreement with the paper",
    text: `Early-stopping steps as a relative change, accuracies as a difference in percentage points; each run is compared with itself, and several re-initialisations of a ticket count once. Intervals are 95 % over the runs (bootstrap: Hesterberg 2015); fewer than ${fewestValues} runs have none. A stated number agrees when the interval holds it and not 0 as well, a stated direction or bound when the whole interval lies on its side; where the interval holds both, it is undecided. “Back at” the dense network agrees when the interval holds 0 and no difference as large as those that the paper reports (38 % earlier or as much later, 0.3 points); it is undecided when the interval holds both. Comparisons of one kind share their dense networks, so they are right or wrong together; of twenty that state the truth, one differs by chance. The paper gives means of five trials without intervals.`,
    table: {
      columns: ["quantity", "% of weights left", "paper", "ours", "95 %", "runs", "verdict"],
      rows: comparisons.map((comparison) => {
        const { quantity, share, source, ours, verdict } = comparison;
        return [
          cell(describeStatement(comparison)),
          cell(Number((100 * share).toPrecision(3)).toString(), share),
          cell(source),
          cell(describeChange(quantity, ours.mean), ours.mean),
          cell(describeInterval(comparison) ?? "too few runs"),
          cell(inThousands(ours.count), ours.count),
          cell(verdict),
        ];
      }),
    },
  };
}
