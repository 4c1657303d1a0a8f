import { themeColour } from "../page/dom.ts";

/** Number of task colours in the theme; further tasks reuse them. */
const taskColours = 6;

/** The colour of a kind of weight or neuron (`worker/picture.ts`). */
export function kindColour(kind: number, tasks: number): string {
  if (kind < tasks) return themeColour(`--task-${kind % taskColours}`);
  return themeColour(["--undecided", "--inactive", "--zombie"][kind - tasks]);
}

/** The name of a kind in the legend. */
export function kindName(kind: number, tasks: readonly { readonly name: string }[]): string {
  return tasks[kind]?.name ?? ["undecided", "inactive", "zombie"][kind - tasks.length];
}
