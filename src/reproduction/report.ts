import { inThousands } from "../base/format.ts";
import type { Figure } from "../report/figure.ts";
import { separatedByValue } from "../report/figures/separated_by_value.ts";
import { statesByValue } from "../report/figures/states_by_value.ts";
import { groupTable } from "../report/group_table.ts";
import type { ReportContent, TableSection } from "../report/html.ts";
import { fewestValues } from "../report/mean_interval.ts";
import { extensionOf, type ReportedRun } from "../report/reported_run.ts";
import { groupsByValues, type RunGroup } from "../report/run_groups.ts";
import { outcomeSummary, runFacts, runSection, specSection } from "../report/run_report.ts";
import { variedKeys } from "../report/run_specs.ts";
import { type Comparison, compareOutcomes, compareValues } from "./agreement.ts";
import { drawFigures, type Material } from "./figures.ts";
import type { Plan } from "./plan.ts";
import { type Published, published } from "./published.ts";

/** The content of a report on an experiment of the thesis. */
export interface ReproductionContent extends ReportContent {
  /** Empty if nothing was published, or at the small scale. */
  readonly comparisons: readonly Comparison[];
}

/**
 * The report on an experiment: figures, and comparisons of our values with the thesis'.
 * @param material of the experiment's runs, at least one
 */
export async function reproductionReport(
  plan: Plan,
  { runs, ...sources }: Omit<Material, "published">,
  version: string,
): Promise<ReproductionContent> {
  const { experiment, scale, departures } = plan;
  const compared = comparedKeys(plan, runs);
  const known = scale === "full" && compared.length === 0 ? published[experiment.name] : undefined;
  const comparisons = known ? compare(runs, known) : [];
  const groups = groupsByValues(runs, compared);
  const groupName = compared.join(", ");
  const { figures, notDrawn } =
    compared.length > 0
      ? { figures: groupFigures(groups, groupName), notDrawn: [] }
      : await drawFigures(experiment.figures, { runs, published: known, ...sources });
  const having = (verdict: Comparison["agrees"]) => comparisons.filter(({ agrees }) => agrees === verdict).length;
  const undecided = having(null);
  return {
    title: `${experiment.title}${scale === "small" ? ", at small scale" : ""}`,
    summary: [
      `An experiment of the master's thesis “Winning the Lottery Twice with Iterative Magnitude Pruning” (M. Burger, JKU Linz, 2024), run again by Split Ticket (reproduce ${experiment.name}).`,
      ...outcomeSummary(runs),
      ...(comparisons.length > 0
        ? [
            `Of ${comparisons.length} comparisons with published values, ${having(true)} agree within the interval and ${having(false)} differ${undecided > 0 ? `; ${undecided} have too few runs to tell` : ""}.`,
          ]
        : []),
      ...(scale === "small" ? ["The scale is ours, so no published values are compared."] : []),
      ...(compared.length > 0
        ? [`Runs of different ${groupName} are compared with each other, not with the thesis.`]
        : []),
      ...(Object.keys(departures).length > 0
        ? [
            `This departs from the thesis: ${Object.entries(departures)
              .map(([key, value]) => `${key} = ${String(value)}`)
              .join(", ")}.`,
          ]
        : []),
    ],
    facts: runFacts(runs, version),
    ...(comparisons.length > 0 && { agreement: agreementSection(comparisons) }),
    ...(compared.length > 0 && { groups: groupTable(groups, groupName) }),
    figures,
    notDrawn,
    runs: runSection(runs),
    spec: specSection(runs, choiceOf(plan)),
    comparisons,
  };
}

/**
 * The keys with several values that the request gives, by which runs are compared; with them the extension level, if it
 * varies. Seeds are repetitions.
 */
function comparedKeys({ departures }: Plan, runs: readonly ReportedRun[]): string[] {
  const isSeed = (key: string) => /seed/i.test(key);
  const varied = variedKeys(runs);
  const given = varied.filter((key) => key in departures && !isSeed(key));
  return given.length > 0 ? [...given, ...varied.filter((key) => key === "extension" && !given.includes(key))] : [];
}

function groupFigures(groups: readonly RunGroup[], groupName: string): Figure[] {
  return [
    separatedByValue(
      groups,
      groupName,
      "The share of runs that separated at some level, and of those whose ticket wins at the first such level: no task is lost, and each is within the tolerance of the dense network; and of those that reach the last level with a ticket that wins, whatever its structure. Bars are 95 % intervals (Wilson's, of several data sets those of clusters).",
    ),
    statesByValue(
      groups,
      groupName,
      "Of the runs, the share of each state of their tickets, as weights are pruned from left to right; a run that has ended by its state keeps it. Hatched: separated, but not winning; hatched both ways: a task lost. The line is the share of tickets that win, whatever their state.",
    ),
  ];
}

function compare(runs: readonly ReportedRun[], { outcomes, values }: Published): Comparison[] {
  const byExtension = new Map<number, ReportedRun[]>();
  if (outcomes.length > 0) {
    for (const run of runs) byExtension.set(extensionOf(run), [...(byExtension.get(extensionOf(run)) ?? []), run]);
  }
  return [...compareOutcomes(byExtension, { outcomes }), ...compareValues(runs, values)];
}

/** Names who chose the value of a spec key. */
function choiceOf({ experiment, scale, departures }: Plan): (key: string) => string {
  const small: Readonly<Record<string, unknown>> = scale === "small" ? (experiment.small ?? {}) : {};
  return (key) => {
    if (key in departures) return "ours: asked for with this run";
    if (key in small) return "ours: small enough for a machine without a GPU";
    return key in experiment.ours ? `ours: ${experiment.ours[key]}` : "thesis";
  };
}

/** Three significant digits below 100, an integer from 100 on; with a true minus sign. */
const short = (value: number) =>
  (Math.abs(value) >= 100 ? inThousands(Math.round(value)) : String(Number(value.toPrecision(3)))).replace("-", "−");

/** `3 of 4`, `98.3, mean of 7`, or `98.3, one value`. */
export function describeOurs({ ours, count }: Comparison): string {
  if ("share" in ours) return `${Math.round(ours.share * count)} of ${count}`;
  return `${short(ours.mean)}, ${count === 1 ? "one value" : `mean of ${count}`}`;
}

/** What the intervals say of the data sets. */
function clusterText(comparisons: readonly Comparison[]): string {
  const dataSets = Math.max(...comparisons.map((each) => each.dataSets));
  const thesis =
    "The thesis' four runs of a level share one data set and one order of samples, so they say less than four independent runs";
  return dataSets > 1
    ? `Runs of one data set are a cluster: a share's interval is Wilson's of as many independent runs as the ${dataSets} data sets stand for (Korn and Graubard 1998), a mean is that over the means of the data sets. ${thesis}; its intervals are widened by how alike our runs of one data set are.`
    : `All runs are of one data set, so the intervals hold for it alone: over data sets they are wider (--data-seeds 0..5). ${thesis}.`;
}

/** The comparisons as a table. */
function agreementSection(comparisons: readonly Comparison[]): TableSection {
  const cell = (text: string, sortBy: string | number = text) => ({ text, value: sortBy });
  const range = ({ low, high }: { low: number; high: number }) => `${short(low)} to ${short(high)}`;
  const interval = (ours: Comparison["ours"]) => (ours.low === null ? "too few for an interval" : range(ours));
  return {
    title: "Agreement with the thesis",
    text: `Shares of runs agree when the 95 % interval of their difference (Newcombe 1998, from Wilson's intervals) holds 0; other values agree when the 95 % interval of our mean (bootstrap: Hesterberg 2015) meets the published range, and a mean of fewer than ${fewestValues} values has no interval. ${clusterText(comparisons)} With few runs the intervals are wide, and agreement is weak evidence; of twenty comparisons of equal quantities, one differs by chance. A fragmented level counts as degraded here, and ends the run, as it does in the thesis' code.`,
    table: {
      columns: ["quantity", "where", "ours (95 %)", "thesis", "difference (95 %)", "verdict"],
      rows: comparisons.map((comparison) => {
        const { quantity, where, ours, source, published: theirs, difference, agrees } = comparison;
        return [
          cell(quantity),
          cell(where),
          cell(`${describeOurs(comparison)} (${interval(ours)})`, "share" in ours ? ours.share : ours.mean),
          cell(difference ? `${source} (${range(theirs)})` : source),
          cell(difference ? range(difference) : ""),
          cell(agrees === null ? "too few" : agrees ? "agrees" : "differs"),
        ];
      }),
    },
  };
}
