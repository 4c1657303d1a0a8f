import { invariant } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import type { Task } from "../base/task.ts";
import { parseTasks } from "../dataset/tasks.ts";
import type { LevelRecord } from "../store/level_record.ts";
import type { JsonObject } from "../store/run_record.ts";

/**
 * The tasks of a stored run, without its data: as the spec declares them, else by name from a level's accuracies. Datasets
 * that declare none have one task over everything, or (those known by name) tasks of equal width side by side.
 * @param spec of the run record
 * @param shape of the run's networks
 */
export function storedTasks(spec: JsonObject, shape: Shape, { valAccuracy }: LevelRecord): Task[] {
  const dataset = spec.dataset as { readonly tasks?: unknown } | undefined;
  if (typeof dataset?.tasks === "string") return parseTasks(dataset.tasks);
  const names = Object.keys(valAccuracy);
  const [inputs, outputs] = [shape[0] / names.length, shape[shape.length - 1] / names.length];
  invariant(Number.isInteger(inputs) && Number.isInteger(outputs), `${names.length} equal tasks in shape ${shape}`);
  return names.map((name, task) => ({
    name,
    kind: outputs === 1 ? "binary" : "multiclass",
    inputs: { start: task * inputs, count: inputs },
    outputs: { start: task * outputs, count: outputs },
  }));
}
