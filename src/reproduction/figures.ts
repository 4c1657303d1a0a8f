import { activeOutDegree } from "../analysis/out_degree.ts";
import type { Outcome } from "../analysis/outcome.ts";
import { InputError } from "../base/errors.ts";
import { inThousands } from "../base/format.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Mask } from "../mask/mask.ts";
import type { Figure } from "../report/figure.ts";
import { accuracyBySeed, accuracyByTask } from "../report/figures/accuracy.ts";
import { activeAtEnd } from "../report/figures/active_at_end.ts";
import { degreeOfSeparation } from "../report/figures/degree.ts";
import { gridOutcomes, gridRates } from "../report/figures/grid.ts";
import { heatMaps } from "../report/figures/heat_maps.ts";
import { lossByActive } from "../report/figures/loss_by_active.ts";
import { groupOutcomes, outcomeShares } from "../report/figures/outcome_shares.ts";
import type { PublishedRange } from "../report/figures/published_bands.ts";
import { separationWeights } from "../report/figures/separation_weights.ts";
import { unusedWeights } from "../report/figures/unused_weights.ts";
import { extensionOf, type ReportedRun, separationLevel, shapeOf } from "../report/reported_run.ts";
import { okabeIto } from "../report/theme.ts";
import type { Published, PublishedOutcome, Quantity } from "./published.ts";

/** Input of an experiment's figures. */
export interface Material {
  /** At least one. */
  readonly runs: readonly ReportedRun[];
  readonly published: Published | undefined;
  /** The mask that a run's level trained with. */
  readonly readMask: (run: ReportedRun, level: number) => Promise<Mask>;
  /** The data that the runs trained on. */
  readonly openDataset: () => Promise<Dataset>;
}

/** A figure, or the reason why it cannot be drawn. */
type Drawing = Figure | { readonly missing: string };

/** The hidden width for which the thesis compares pruning rates. */
const ratesWidth = 48;
/** Levels for which the thesis shows connections. */
const heatMapLevels = [1, 4, 7, 11, 15];

const lost = "tickets that separated but lost a task (more of its accuracy at level 0 than the tolerance)";
const lostAreas = `Hatched: ${lost}.`;
const lostPoints = `Hollow: ${lost}.`;

const draw = {
  "outcome-shares": ({ runs, published }) => {
    const levels = runs.map(extensionOf);
    const theirs = (published?.outcomes ?? []).flatMap((ends, group) =>
      group >= Math.min(...levels) && group <= Math.max(...levels)
        ? [{ source: "thesis", group, outcomes: ends.map((end) => outcomeOf[end]) }]
        : [],
    );
    const source = theirs.length > 0 ? "Above our runs, below the thesis'" : "Our runs";
    return outcomeShares(
      [...groupOutcomes(runs, "ours", extensionOf), ...theirs],
      "extension level",
      `${source}: of the runs of each extension level, the share of each outcome. The bars are 95 % intervals (Wilson's, of several data sets that of clusters) of the share that separated at some level. ${lostAreas}${theirs.length > 0 ? " The thesis does not distinguish them." : ""}`,
    );
  },
  "active-at-end": ({ runs }) =>
    activeAtEnd(
      runs,
      `Of the weights left at a run's last level, the share that lies on a path from an input to an output; a point per run, seeds from left to right. ${lostPoints}`,
    ),
  "weights-at-separation": ({ runs, published }) => {
    if (!runs.some(separationLevel)) return { missing: "weights at separation, because no run separated" };
    const bands = [
      ...bandsOf(published, "unpruned weights at separation", "thesis: unpruned", okabeIto.blue),
      ...bandsOf(published, "active weights at separation", "thesis: active", okabeIto.vermillion),
    ];
    return separationWeights(
      runs,
      bands,
      `Weights of the first separated ticket of every run that separated: all unpruned ones, and the active ones among them. A gap means that no run of that extension level separated. ${lostPoints}`,
    );
  },
  "loss-by-active-weights": ({ runs, published }) =>
    lossByActive(
      runs,
      bandsOf(published, "validation loss at separation", "thesis, at separation"),
      `A point per level of every run; pruning proceeds from left to right. ${lostPoints}`,
    ),
  "inactive-and-zombie-weights": ({ runs }) =>
    unusedWeights(
      runs,
      "Weights that reach no output (inactive) and weights that no input reaches (zombie), above in numbers, below as a share of the unpruned weights: a line per extension level, the mean over its runs; pruning proceeds from left to right.",
    ),
  "degree-of-separation": ({ runs }) => {
    const separated = runs.filter(separationLevel);
    if (separated.length === 0) return { missing: "degree of separation, because no run separated" };
    const winning = separated.filter((run) => separationLevel(run)?.winning);
    // The largest network has most levels.
    const [run] = (winning.length > 0 ? winning : separated).toSorted(
      (a, b) => extensionOf(b) - extensionOf(a) || a.seed - b.seed,
    );
    return degreeOfSeparation(
      run,
      `Extension level ${extensionOf(run)}, seed ${run.seed}: of the active neurons of a layer, the share whose active descendants among the outputs, or ancestors among the inputs, belong to one task only. The dotted line is the level of separation.`,
    );
  },
  "grid-outcomes": ({ runs }) =>
    gridOutcomes(
      runs,
      `Every run of the grid: hidden width, active weights at its last level, and its outcome. ${lostPoints}`,
    ),
  "grid-rates": ({ runs }) => {
    const ofWidth = runs.filter((run) => shapeOf(run)[1] === ratesWidth);
    if (!ofWidth.some(({ spec }) => (spec.remaining as readonly number[]).length > 1)) {
      return { missing: `active weights by levels, because no run of hidden width ${ratesWidth} was pruned` };
    }
    return gridRates(
      ofWidth,
      ratesWidth,
      `Runs of hidden width ${ratesWidth} that reach 112 weights in one to ten prunings: active weights at the last level, and the share that each pruning takes. ${lostPoints}`,
    );
  },
  "accuracy-by-seed": ({ runs, published }) =>
    accuracyBySeed(
      runs,
      [
        ...bandsOf(published, "mean accuracy at separation", "thesis, at separation"),
        ...bandsOf(published, "mean accuracy of the dense network", "thesis, dense"),
        ...bandsOf(published, "best mean accuracy", "thesis, best"),
      ],
      "Validation accuracy, mean over the two tasks, as weights are pruned from left to right; a star where the ticket separated, hollow where it does not win, a cross where it has lost a task.",
    ),
  "accuracy-by-task": ({ runs }) =>
    accuracyByTask(
      runs,
      "Validation accuracy of each task as weights are pruned from left to right: mean over the seeds, and the range from the lowest to the highest.",
    ),
  "heat-maps": async ({ runs: [run], readMask }) => {
    const shown = heatMapLevels.filter((level) => level < run.levels.length);
    if (shown.length === 0) return { missing: `heat maps, because level ${heatMapLevels[0]} has not been trained` };
    const maps = [];
    for (const level of shown) {
      const values = activeOutDegree(await readMask(run, level));
      maps.push({ label: `level ${level}: ${inThousands(run.levels[level].remaining)} left`, values });
    }
    return heatMaps(
      "heat-maps",
      "Active connections out of each pixel",
      maps,
      imageColumns(shapeOf(run)[0]),
      "active connections",
      `Seed ${run.seed}: how many weights out of each pixel reach an output, at some levels. Each image has its own scale, up to the number below it.`,
    );
  },
  "pixel-statistics": async ({ openDataset }) => {
    const { mean, scale, inputs } = await openDataset();
    const variance = scale.map((inverse) => (inverse === 0 ? 0 : 1 / inverse ** 2));
    return heatMaps(
      "pixel-statistics",
      "Mean and variance of each pixel",
      [
        { label: "mean", values: mean },
        { label: "variance", values: variance },
      ],
      imageColumns(inputs),
      "value",
      "Over the training images, grey values from 0 to 255, before standardisation.",
    );
  },
} satisfies Record<string, (material: Material) => Drawing | Promise<Drawing>>;

export type FigureName = keyof typeof draw;

/** Draws the figures of an experiment that can be drawn, and gives the reasons for the others. */
export async function drawFigures(
  names: readonly FigureName[],
  material: Material,
): Promise<{ figures: Figure[]; notDrawn: string[] }> {
  const figures: Figure[] = [];
  const notDrawn: string[] = [];
  for (const name of names) {
    const drawing: Drawing = await draw[name](material);
    if ("missing" in drawing) notDrawn.push(drawing.missing);
    else figures.push(drawing);
  }
  return { figures, notDrawn };
}

const outcomeOf: Readonly<Record<PublishedOutcome, Outcome>> = {
  S: "separated",
  D: "separated-degraded",
  X: "degraded",
  I: "interconnected",
};

function bandsOf(
  published: Published | undefined,
  quantity: Quantity,
  label: string,
  colour?: string,
): PublishedRange[] {
  return (published?.values ?? [])
    .filter((value) => value.quantity === quantity)
    .map(({ low, high }) => ({ label, low, high, ...(colour !== undefined && { colour }) }));
}

/** Pixels per row of an image set's inputs, which are one square image, or two above each other. */
function imageColumns(inputs: number): number {
  for (const images of [1, 2]) {
    const side = Math.sqrt(inputs / images);
    if (Number.isInteger(side)) return side;
  }
  throw new InputError(`${inputs} inputs form no square image, nor two: only image sets have heat maps`);
}
