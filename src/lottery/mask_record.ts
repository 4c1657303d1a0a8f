import type { Analysis } from "../analysis/analyze.ts";
import { measureMask } from "../analysis/measures/measures.ts";
import type { Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import type { LevelRecord } from "../store/level_record.ts";

/** Most inputs of a network whose records list the unused ones: of an image, the list would outgrow the record. */
const mostListedInputs = 100;

/** The fields of a level's record that its mask alone determines. */
export type MaskRecord = Pick<
  LevelRecord,
  | "remaining"
  | "weights"
  | "biases"
  | "neurons"
  | "subnetworks"
  | "foreignInputs"
  | "unusedInputs"
  | "unusedColumns"
  | "coverage"
  | "state"
  | "degree"
  | "measures"
>;

/**
 * The fields of a level's record that follow from the analysis of its mask.
 * @param measures names of structural measures, if any are asked for
 */
export function maskRecord(
  mask: Mask,
  analysis: Analysis,
  tasks: readonly Task[],
  measures: readonly string[] | undefined,
): MaskRecord {
  const { count, columns } = analysis.unusedInputs;
  return {
    remaining: analysis.remaining,
    weights: analysis.weights,
    biases: analysis.biases,
    neurons: analysis.neurons,
    subnetworks: analysis.subnetworks.length,
    foreignInputs: analysis.foreignInputs,
    unusedInputs: count,
    ...(mask.shape[0] <= mostListedInputs && { unusedColumns: columns }),
    coverage: analysis.coverage,
    state: analysis.state,
    degree: analysis.degree,
    ...(measures && { measures: measureMask(mask, tasks, measures) }),
  };
}
