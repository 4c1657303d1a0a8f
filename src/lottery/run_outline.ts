import * as z from "zod";
import { InputError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import { coverageKinds } from "../base/task.ts";
import type { DatasetOutline } from "../dataset/entry.ts";
import { datasetOutline } from "../dataset/load.ts";
import { checkTasks } from "../dataset/tasks.ts";
import type { JsonObject, RunRecord } from "../store/run_record.ts";

/** The part of the spec in a record of format 1 that determines the tasks of the run. */
const specSchema = z.looseObject({
  dataset: z.looseObject({ dataset: z.string() }),
  shape: z.array(z.int()).min(2),
  coverage: z.enum(coverageKinds).optional(),
});

/**
 * Tasks and coverage for the analysis of a stored run. A record of format 1 does not contain them; they follow from its
 * spec.
 * @param where path of the run, for error messages
 * @throws InputError when they cannot be determined
 */
export function runOutline({ tasks, coverage, spec }: RunRecord, where: string): DatasetOutline {
  return tasks && coverage ? { tasks, coverage } : outlineOfSpec(spec, where);
}

/**
 * Tasks and coverage from a spec: known for a dataset in the registry, declared for a data file (or one task without
 * it).
 */
function outlineOfSpec(spec: JsonObject, where: string): DatasetOutline {
  const refuse = (reason: string) =>
    new InputError(
      `${where}: run.json is of format 1, which names no tasks, and ${reason}; run the spec again into another folder`,
    );
  const checked = specSchema.safeParse(spec);
  if (!checked.success) throw refuse("its spec has no dataset and shape that determine them");
  const { dataset, shape, coverage } = checked.data;
  const [inputs, outputs] = [shape[0], shape[shape.length - 1]];
  let outline: DatasetOutline | undefined;
  try {
    outline = datasetOutline(dataset, { inputs, outputs });
    if (outline) checkTasks(outline.tasks, inputs, outputs);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw refuse(`its dataset and shape ${formatShape(shape)} do not determine them (${error.message})`);
  }
  if (!outline) throw refuse(`those of ${dataset.dataset} are not known`);
  return { tasks: outline.tasks, coverage: coverage ?? outline.coverage };
}
