import { parseTasks } from "../dataset/tasks.ts";
import { losses } from "../loss/index.ts";

/**
 * What the scores of a spec's own tasks are called, by task name; of other datasets none are named, for all of theirs are accuracies.
 * @param spec a spec, or that of a run record
 */
export function scoreNames({ dataset }: { readonly dataset?: unknown }): Readonly<Record<string, string>> {
  const tasks = (dataset as { readonly tasks?: unknown } | undefined)?.tasks;
  if (typeof tasks !== "string") return {};
  return Object.fromEntries(parseTasks(tasks).map(({ name, kind }) => [name, losses.get(kind).scoreName]));
}
