import type { Model, RunView } from "./model.ts";

/** The folder of all seeds of a run's experiment. */
export const experimentOf = ({ path }: RunView) => path.slice(0, path.lastIndexOf("/"));

/** The runs of the chosen run's experiment. */
function seedsOf({ run, runs }: Model): RunView[] {
  return run ? runs.filter((each) => experimentOf(each) === experimentOf(run)) : [];
}

/** The runs of the chosen run's experiment that have a finished level. */
export function studiedRuns(model: Model): RunView[] {
  return seedsOf(model).filter(({ levels }) => levels.length > 0);
}

/** How many runs of the experiment have no finished level. */
export function leftOut(model: Model): number {
  return seedsOf(model).length - studiedRuns(model).length;
}

/** `moons-circles, seeds 0, 1, 2`. */
export function namesOf(runs: readonly RunView[]): string {
  const seeds = runs.map(({ seed }) => seed).join(", ");
  return `${runs[0].name}, ${runs.length === 1 ? "seed" : "seeds"} ${seeds}`;
}
