import { z } from "zod";
import { InputError } from "../base/errors.ts";
import { formatShape } from "../base/shape.ts";
import { coverageKinds } from "../base/task.ts";
import type { DatasetOutline } from "../dataset/entry.ts";
import { datasetOutline } from "../dataset/load.ts";
import { checkTasks } from "../dataset/tasks.ts";
import type { JsonObject, RunRecord } from "../store/run_record.ts";

/** What tells the tasks of a run, of a spec in a record of format 1. */
const specSchema = z.looseObject({
  dataset: z.looseObject({ dataset: z.string() }),
  shape: z.array(z.int()).min(2),
  coverage: z.enum(coverageKinds).optional(),
});

/**
 * Tasks and coverage that a stored run is analysed by. Records of format 1 do not hold them: for those the spec's dataset tells.
 * @param where names the run in messages
 * @throws InputError when they cannot be told
 */
export function runOutline({ tasks, coverage, spec }: RunRecord, where: string): DatasetOutline {
  return tasks && coverage ? { tasks, coverage } : outlineOfSpec(spec, where);
}

/** What a spec tells of its runs: own data declares its tasks or has only one, the others are known by name. */
function outlineOfSpec(spec: JsonObject, where: string): DatasetOutline {
  const refuse = (reason: string) =>
    new InputError(
      `${where}: run.json is of format 1, which names no tasks, and ${reason}; run the spec again into another folder`,
    );
  const checked = specSchema.safeParse(spec);
  if (!checked.success) throw refuse("its spec has no dataset and shape that tell them");
  const { dataset, shape, coverage } = checked.data;
  const [inputs, outputs] = [shape[0], shape[shape.length - 1]];
  let outline: DatasetOutline | undefined;
  try {
    outline = datasetOutline(dataset, { inputs, outputs });
    if (outline) checkTasks(outline.tasks, inputs, outputs);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw refuse(`its dataset and shape ${formatShape(shape)} do not tell them (${error.message})`);
  }
  if (!outline) throw refuse(`nothing tells those of ${dataset.dataset}`);
  return { tasks: outline.tasks, coverage: coverage ?? outline.coverage };
}
