import { InputError } from "../../base/errors.ts";
import { shownJson } from "../../base/visible.ts";
import { needsGradients } from "../../lottery/gradient_batches.ts";
import { gridPoints } from "../../lottery/grid.ts";
import { preset } from "../../lottery/presets.ts";
import { startsTrained } from "../../lottery/rewind.ts";
import { resolveSpec } from "../../lottery/spec.ts";
import type { SpecInput } from "../../lottery/spec_schema.ts";
import { overrideSpec } from "../../lottery/spec_text.ts";

/** The controls of the paper's figures, as kinds of branches of the runs. */
export const controls = ["reinit", "one-shot"] as const;

/** What is trained: iterative runs, and branches of their levels. */
export interface FrankleCarbinScale {
  readonly spec: SpecInput;
  /** Levels that are trained again as branches. */
  readonly branchLevels: readonly number[];
  /** Branch seeds of each run: independent re-initialisations of each ticket. */
  readonly branchSeeds: readonly number[];
}

const levels = (last: number) => Array.from({ length: last }, (_, k) => k + 1);

/** Keys that are ours at both scales, and why. */
const everywhere = {
  keep: "test accuracy is that of the early-stopping step; the paper prunes the weights of the last step, here those of the early-stopping step are pruned",
  seeds: "one more than the paper's five, the fewest with an interval within their values",
  keepTrained: "one-shot tickets are pruned from the trained dense network",
  keepCurves: "the course of training is a figure",
  tolerance: "what a winning ticket may lose; not used here",
  dataSeed: "which samples are held out; the same for all runs",
  levels: "to 1.2 % of the weights; the paper prunes further",
  target: "follows from the levels",
};

/** Weights left after so many levels: 1.2 % and 1.9 %. */
const [lastLevel, lastSmallLevel] = [20, 18];

const full: SpecInput = {
  ...preset("lenet-frankle-carbin"),
  levels: lastLevel,
  seeds: [0, 1, 2, 3, 4, 5],
  keep: "best",
  keepTrained: true,
  keepCurves: true,
};

/** Keys of the small scale, all our choice. */
const small: Partial<SpecInput> = {
  samplesPerClass: 2000,
  validation: 2000,
  maxSteps: 6000,
  patience: 60,
  levels: lastSmallLevel,
};

/** Figures 3 and 4 of Frankle and Carbin (ICLR 2019). */
export const frankleCarbin = {
  name: "frankle-carbin",
  title: "Winning tickets of LeNet-300-100 on MNIST (Frankle and Carbin, ICLR 2019, figures 3 and 4)",
  full: { spec: full, branchLevels: levels(lastLevel), branchSeeds: [0, 1, 2] } satisfies FrankleCarbinScale,
  small: {
    spec: { ...full, ...small },
    branchLevels: [1, 3, 5, 7, 9, 11, 12, 14, 15, 16, 18],
    branchSeeds: [0],
  } satisfies FrankleCarbinScale,
  /** What `--list` tells. */
  listed: {
    name: "frankle-carbin",
    title:
      "Winning tickets of LeNet-300-100 on MNIST, their re-initialisations and one-shot ones (Frankle and Carbin 2019)",
    grids: [full],
    seeds: full.seeds ?? [],
    ours: everywhere,
    small,
  },
  /** Who chose the value of a key at a scale. */
  choiceOf(key: string, scale: "full" | "small"): string {
    if (scale === "small" && key in small) return "ours: small enough for two cores without a GPU";
    return key in everywhere ? `ours: ${everywhere[key as keyof typeof everywhere]}` : "paper";
  },
};

/** Keys that the measurement needs as they are, and why. */
const neededKeys = {
  keep: "test accuracy is measured at the early-stopping step, whose weights are kept",
  keepTrained: "one-shot tickets are pruned from the trained dense network",
  validation: "the early-stopping step is found on held-out samples, and accuracy is that of the test split",
};

/** What was asked for. */
export interface FrankleCarbinRequest {
  readonly scale: "full" | "small";
  readonly extensions?: string | undefined;
  readonly dataSeeds?: string | undefined;
  readonly set: Readonly<Record<string, unknown>>;
}

/** The experiment, restricted to what was asked for. */
export interface FrankleCarbinPlan extends FrankleCarbinScale {
  readonly scale: "full" | "small";
  /** Keys that depart from the experiment, with their values. */
  readonly departures: Readonly<Record<string, unknown>>;
  /** Keys that replace those of the spec. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** @throws InputError for an option of other experiments, or a key that the measurement or the branches need otherwise */
export function planFrankleCarbin({ scale, extensions, dataSeeds, set }: FrankleCarbinRequest): FrankleCarbinPlan {
  for (const [option, value] of [
    ["--extensions", extensions],
    ["--data-seeds", dataSeeds],
  ]) {
    if (value === undefined) continue;
    throw new InputError(`${option} ${value}: ${frankleCarbin.name} has no such levels or data sets; leave it out`);
  }
  for (const [key, needed] of Object.entries(neededKeys)) {
    if (set[key] === undefined || set[key] === frankleCarbin[scale].spec[key as keyof typeof neededKeys]) continue;
    if (key === "validation" && set[key] !== "test") continue;
    throw new InputError(`--set ${key}=${shownJson(set[key])}: ${needed}; leave it out`);
  }
  const points = gridPoints(overrideSpec({ ...frankleCarbin[scale].spec }, set), frankleCarbin.name);
  if (points.length > 1) {
    throw new InputError(
      `--set: it gives ${points.length} specs, and ${frankleCarbin.name} compares runs of one; give one value of each key`,
    );
  }
  checkHasBranches(points[0]);
  const { seeds: _, ...departures } = set;
  return { ...frankleCarbin[scale], scale, departures, set };
}

/**
 * Checks that every level of a run can be trained again by the controls, before any run is trained.
 * @throws InputError for a spec whose levels cannot, or that may end before its last level
 */
function checkHasBranches(keys: Readonly<Record<string, unknown>>): void {
  const { spec } = resolveSpec(keys, frankleCarbin.name);
  const { criterion, rewind, stopAt, remaining } = spec;
  const refuse = (key: string, value: unknown, why: string) => {
    throw new InputError(`--set ${key}=${value}: ${why}`);
  };
  if (remaining.length < 2) refuse("levels", 0, "there is no ticket to compare with the dense network; give 1 or more");
  if (startsTrained(spec)) {
    refuse("rewind", rewind, "its levels have no start that new initial weights replace; give initial, or a step");
  }
  if (needsGradients(criterion)) {
    refuse("criterion", criterion, "one-shot tickets are pruned by stored weights, without gradients; give another");
  }
  if (stopAt !== "none") refuse("stopAt", stopAt, "all runs are compared at the same levels; leave it out");
}
