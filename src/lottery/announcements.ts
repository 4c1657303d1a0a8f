import { sharedInputs } from "../analysis/coverage.ts";
import { columnCount } from "../base/columns.ts";
import { inThousands, plural, threeDigits } from "../base/format.ts";
import { biasCount, weightCount } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { visible } from "../base/visible.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { numbersOf } from "../loss/label_words.ts";
import { hasGradient, zeroLayers } from "../network/gradient_paths.ts";
import type { Parameters } from "../network/parameters.ts";
import { random } from "../pruning/criteria/random.ts";
import { defaultCriterion } from "../pruning/criteria.ts";
import type { Experiment } from "./experiment.ts";
import { isLikeChance, probeTask } from "./probe.ts";
import { prunableText } from "./prunable.ts";
import { classCounts, isClassification, labelWords } from "./scores.ts";
import type { Spec } from "./spec.ts";
import { roundingSlack } from "./winning.ts";

/** Says where the runs of several seeds are one run, because other seeds decide all that chance decides. */
export function equalRunsNotice({ spec, seeds }: Pick<Experiment, "spec" | "seeds">): string | undefined {
  const { initSeed, orderSeed, criterion } = spec;
  if (initSeed === undefined || orderSeed === undefined || criterion === random.name || seeds.length < 2)
    return undefined;
  return `initSeed ${initSeed} and orderSeed ${orderSeed} hold for all ${seeds.length} seeds, which therefore train alike: give one seed, or leave initSeed or orderSeed out`;
}

/** Says that a held-out part of 1 is one sample, not all; undefined for other parts. */
export function oneSampleNotice({
  validation,
  dataset: { holdout },
}: Pick<Spec, "validation" | "dataset">): string | undefined {
  const key = validation === 1 ? "validation" : holdout === 1 ? "holdout" : undefined;
  return key && `${key} 1 holds out one sample, not all: give a share below 1, or more samples`;
}

/** Validation samples of a class below which its recall says little. */
const fewSamples = 10;

/** Says where tasks share inputs and the coverage that decides counts inputs: then they are never separated. */
export function sharedInputsNotice({ name, tasks, inputNames }: Dataset, coverage: CoverageKind): string | undefined {
  const shared = sharedInputs(tasks);
  if (shared.length === 0 || coverage === "output") return undefined;
  const shown = shared.slice(0, 5).map((input) => inputNames?.[input] ?? String(input));
  return `${name}: tasks share ${plural(shared.length, "input")} (${shown.join(", ")}${shared.length > 5 ? ", .." : ""}), which no network separates by ${coverage} coverage; give coverage=output`;
}

/** Says what a target of active weights means for the levels of a run; undefined where the target counts all weights. */
export function activeTargetNotice({
  counts,
  remaining,
  prunable,
}: Pick<Spec, "counts" | "remaining" | "prunable">): string | undefined {
  if (counts !== "active") return undefined;
  const what = prunableText({ prunable });
  const shown = remaining.slice(0, 12).map(inThousands);
  const last = remaining.length > 12 ? ` .. ${inThousands(remaining[remaining.length - 1])}` : "";
  return `target=active:${remaining[remaining.length - 1]} counts active ${what}: each level keeps as many ${what} as leave at most ${shown.join(" ")}${last} active`;
}

/** Says that the counts of the levels are of weights and biases together; undefined where biases are not pruned. */
export function prunableNotice({ prunable, shape }: Pick<Spec, "prunable" | "shape">): string | undefined {
  if (!prunable) return undefined;
  return `prunable=parameters: rate, target and the counts of levels are of weights and biases together, ${inThousands(weightCount(shape))} and ${inThousands(biasCount(shape))} in the dense network`;
}

/** The keys that matter where a level is pruned, each with its default. */
const pruningKeys = {
  criterion: defaultCriterion,
  scope: "global",
  layerRates: undefined,
  gradientBatches: undefined,
  pruneFirst: undefined,
  rewind: undefined,
} as const satisfies Partial<Record<keyof Spec, unknown>>;

/** Says which keys change nothing since no level is pruned; undefined where some level is, or none of the keys is given. */
export function nothingPrunedNotice(
  spec: Pick<Spec, keyof typeof pruningKeys | "remaining" | "extension" | "branch">,
): string | undefined {
  if (spec.remaining.length > 1 || spec.branch) return undefined;
  const given = (Object.keys(pruningKeys) as (keyof typeof pruningKeys)[]).flatMap((key) =>
    spec[key] === undefined || spec[key] === pruningKeys[key] ? [] : [`${key}=${spec[key]}`],
  );
  if (given.length === 0) return undefined;
  return `a run of level 0 alone prunes nothing, so ${listed(given)} ${given.length === 1 ? "changes" : "change"} nothing: give ${spec.extension ? "extension" : "levels"} from 1, or leave ${given.length === 1 ? "it" : "them"} out`;
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** What the labels of a dataset let expect before anything is trained, a line each. */
export function labelNotices(dataset: Dataset): string[] {
  return dataset.tasks.flatMap((_, t) => {
    const constant = constantLabels(dataset, t);
    return (constant ? [constant] : [...rareClasses(dataset, t), ...chanceLabels(dataset, t)]).map(
      (text) => `${dataset.name}: ${text}`,
    );
  });
}

/** A task whose labels are all the same in a split. */
function constantLabels({ tasks, train, validation }: Dataset, t: number): string | undefined {
  const { name } = tasks[t];
  const value = (words: Uint32Array) =>
    isClassification(tasks[t]) ? className(tasks[t], words[0]) : numbersOf(words.subarray(0, 1))[0];
  const isConstant = (words: Uint32Array) => words.every((word) => word === words[0]);
  const [trained, validated] = [labelWords(train, t), labelWords(validation, t)];
  const samples = `${inThousands(train.samples)} training`;
  const tested = `${inThousands(validation.samples)} validation`;
  if (isConstant(trained)) {
    const everywhere = isConstant(validated) && validated[0] === trained[0];
    return `all labels of "${name}" are ${value(trained)}, in ${samples}${everywhere ? ` and ${tested}` : ""} samples: there is nothing to learn`;
  }
  return isConstant(validated)
    ? `all labels of "${name}" are ${value(validated)} in ${tested} samples: these cannot show that anything is learnt`
    : undefined;
}

/** A class as the data write it. */
function className({ classes }: Task, label: number): string {
  return visible(classes?.[label] ?? String(label));
}

/** Classes with few or no samples in a split. */
function rareClasses({ tasks, train, validation }: Dataset, t: number): string[] {
  if (!isClassification(tasks[t])) return [];
  const trained = classCounts(tasks[t], labelWords(train, t));
  const validated = classCounts(tasks[t], labelWords(validation, t));
  const told = (labels: readonly number[], text: string) => {
    if (labels.length === 0) return [];
    const named = labels.slice(0, 10).map((label) => className(tasks[t], label));
    const listed = `${named.join(", ")}${labels.length > 10 ? ", .." : ""}`;
    return [`${labels.length === 1 ? "class" : "classes"} ${listed} of "${tasks[t].name}": ${text}`];
  };
  const labels = [...validated.keys()];
  const few = labels.filter((label) => validated[label] > 0 && validated[label] < fewSamples && trained[label] > 0);
  const least = Math.min(...few.map((label) => validated[label]));
  return [
    ...told(
      few,
      `${few.length > 1 ? "as few as " : "only "}${least} of ${plural(validation.samples, "validation sample")}, so that one answer moves the recall by ${threeDigits(1 / least)}`,
    ),
    ...told(
      labels.filter((label) => validated[label] === 0 && trained[label] > 0),
      "no validation sample, so that balanced accuracy leaves it out",
    ),
    ...told(
      labels.filter((label) => validated[label] > 0 && trained[label] === 0),
      "no training sample, so that it cannot be learnt",
    ),
    ...told(
      labels.filter((label) => validated[label] === 0 && trained[label] === 0),
      "no sample at all, so that nothing needs such an output, which may fall away",
    ),
  ];
}

/** A hint that inputs do not predict the labels; only training can tell. */
function chanceLabels(dataset: Dataset, t: number): string[] {
  const probe = probeTask(dataset, t);
  if (!probe || !isLikeChance(probe)) return [];
  const { name, inputs } = dataset.tasks[t];
  const [nearest, linear] = [probe.nearest.share.toFixed(2), probe.linear.share.toFixed(2)];
  const from = `from its ${plural(columnCount(inputs), "input")}, the nearest of ${inThousands(probe.train)} training samples`;
  return [
    isClassification(dataset.tasks[t])
      ? `labels of "${name}" may be coin flips: ${from} predicts ${nearest} of ${inThousands(probe.validation)} right and the nearest class mean ${linear}, no better than chance`
      : `targets of "${name}" may be noise: ${from} and a linear fit follow ${inThousands(probe.validation)} targets with correlations ${nearest} and ${linear}, no better than chance`,
  ];
}

/** A tolerance that a single validation sample exceeds: of all samples, or of the rarest class in balanced accuracy. */
export function toleranceNotice({ name, tasks, validation }: Dataset, tolerance: number): string | undefined {
  const isFiner = (step: number) => tolerance < step - roundingSlack;
  const balanced = tasks.flatMap((task, t) => {
    if (!isClassification(task)) return [];
    const counts = classCounts(task, labelWords(validation, t)).filter((count) => count > 0);
    const step = 1 / (counts.length * Math.min(...counts));
    return isFiner(step) ? [`${threeDigits(step)} (${task.name})`] : [];
  });
  const steps = [
    ...(tasks.some(isClassification) && isFiner(1 / validation.samples)
      ? [`accuracy by ${threeDigits(1 / validation.samples)}`]
      : []),
    ...(balanced.length > 0 ? [`balanced accuracy by up to ${balanced.join(", ")}`] : []),
  ];
  return steps.length > 0
    ? `${name}: the tolerance ${tolerance} is finer than one validation sample, which moves ${steps.join(", ")}`
    : undefined;
}

/** Layers of given initial weights that are all 0, and whether the network can learn; undefined where none is. */
export function initialNotice(parameters: Parameters, activation: string, path: string): string | undefined {
  const layers = zeroLayers(parameters);
  if (layers.length === 0) return undefined;
  const all = layers.length === parameters.shape.length - 1;
  const which = all
    ? "all weights are"
    : `${layers.map((layer) => `layers.${layer}.weight`).join(", ")} ${layers.length === 1 ? "is" : "are"} all`;
  const stuck = hasGradient(parameters, activation)
    ? ""
    : `: no weight gets a gradient, so the network cannot learn (${activation === "relu" ? "its hidden neurons are dead" : "its hidden neurons answer 0"})`;
  return `${path}: ${which} 0${stuck}`;
}
