import { themeColour } from "../page/dom.ts";

/** Colours for as many tasks as the theme has; more tasks go round. */
const taskColours = 6;

/** What a weight or neuron is drawn in, by the numbers that pictures use (`worker/picture.ts`). */
export function kindColour(kind: number, tasks: number): string {
  if (kind < tasks) return themeColour(`--task-${kind % taskColours}`);
  return themeColour(["--undecided", "--inactive", "--zombie"][kind - tasks]);
}

/** What the legend calls a kind. */
export function kindName(kind: number, tasks: readonly { readonly name: string }[]): string {
  return tasks[kind]?.name ?? ["undecided", "inactive", "zombie"][kind - tasks.length];
}
