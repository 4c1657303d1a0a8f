import { analyze } from "../analysis/analyze.ts";
import { InputError } from "../base/errors.ts";
import { formatShape, type Shape } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { canonicalJson } from "../store/spec_hash.ts";
import { maskRecord } from "./mask_record.ts";
import { activeCount, keptCount, type Prunable, prunableText } from "./prunable.ts";

/** What a spec says of the masks of its levels. */
export interface Planned extends Prunable {
  readonly shape: Shape;
  /** Number of kept weights by level, or the most active ones; with biases where these are prunable. */
  readonly remaining: readonly number[];
  /** `active`: `remaining` bounds the active weights. */
  readonly counts?: string | undefined;
  /** Present in the spec of a branch, whose masks need not be nested. */
  readonly branch?: object | undefined;
}

/**
 * What is wrong with the mask of a level: its shape, its number of weights, a pruned bias where only weights are pruned, or
 * a weight or bias that the level before has pruned; undefined where nothing is.
 * @param before the mask of the level before; undefined for level 0
 */
export function maskProblem(
  mask: Mask,
  level: number,
  { shape, remaining, counts, branch, prunable }: Planned,
  before: Mask | undefined,
): string | undefined {
  if (formatShape(mask.shape) !== formatShape(shape)) {
    return `holds a network of ${formatShape(mask.shape)}, the run trains ${formatShape(shape)}`;
  }
  const planned = remaining[level];
  const what = prunableText({ prunable });
  if (counts === "active") {
    const active = activeCount({ prunable }, mask);
    if (active > planned) return `has ${active} active ${what}, level ${level} has at most ${planned}`;
  } else if (keptCount({ prunable }, mask) !== planned) {
    return `keeps ${keptCount({ prunable }, mask)} ${what}, level ${level} has ${planned}`;
  }
  if (!prunable && mask.prunesBiases) return "prunes biases, and the run prunes weights alone";
  if (!before || branch || mask.isSubsetOf(before)) return undefined;
  const again = mask.without(before).count() > 0 ? "weights" : "biases";
  return `keeps ${again} that level ${level - 1} has pruned`;
}

/**
 * What of a level's record is not what the analysis of its mask gives; undefined where all of it is. What an older version
 * did not store is not compared.
 */
export function recordProblem(
  record: LevelRecord,
  mask: Mask,
  tasks: readonly Task[],
  coverage: CoverageKind,
): string | undefined {
  const measures = record.measures && Object.keys(record.measures);
  let structure: ReturnType<typeof maskRecord>;
  try {
    structure = maskRecord(mask, analyze(mask, tasks, coverage), tasks, measures);
  } catch (error) {
    // Such as a measure that this version does not know.
    if (error instanceof InputError) return error.message;
    throw error;
  }
  const entries = Object.entries(structure) as [keyof typeof structure, unknown][];
  const differing = entries.find(
    ([key, value]) => record[key] !== undefined && canonicalJson(record[key]) !== canonicalJson(value),
  );
  if (!differing) return undefined;
  const [key, value] = differing;
  const text = (content: unknown) => {
    const json = canonicalJson(content);
    return json.length > 60 ? "" : ` ${json}`;
  };
  return `has ${key}${text(record[key])}, the level's mask gives${text(value) || " another"}`;
}
