import { InputError } from "../../base/errors.ts";
import { inThousands } from "../../base/format.ts";
import { Registry } from "../../base/registry.ts";
import type { Task } from "../../base/task.ts";
import type { Mask } from "../../mask/mask.ts";
import { checkTaskColumns } from "../task_columns.ts";
import { conductance } from "./conductance.ts";
import { crossConductance } from "./cross_conductance.ts";
import { crossPaths } from "./cross_paths.ts";
import { density } from "./density.ts";
import { effectiveDensity } from "./effective_density.ts";
import { foreignInputs } from "./foreign_inputs.ts";
import { log10Paths } from "./log10_paths.ts";
import { MaskStructure } from "./mask_structure.ts";
import type { Measure, MeasureValue } from "./measure.ts";
import { modularity } from "./modularity.ts";
import { nCut } from "./n_cut.ts";
import { nCutP } from "./n_cut_p.ts";
import { pairCuts } from "./pair_cuts.ts";
import { subnetworks } from "./subnetworks.ts";
import { taskCut } from "./task_cut.ts";
import { taskModularity } from "./task_modularity.ts";

/** Every structural measure, in the order of their names (`names.ts`). */
export const measures = new Registry<Measure>("measure", [
  density,
  effectiveDensity,
  subnetworks,
  foreignInputs,
  log10Paths,
  crossPaths,
  conductance,
  crossConductance,
  pairCuts,
  taskCut,
  taskModularity,
  modularity,
  nCut,
  nCutP,
]);

/** The measures that are computed where none are named: all but the costly ones. */
export const usualMeasures: readonly string[] = measures.entries
  .filter(({ isCostly }) => !isCostly)
  .map(({ name }) => name);

/**
 * Measures a mask.
 * @param tasks at least one; their columns lie within the mask's inputs and outputs
 * @param names measures to compute; all but the costly ones when left out
 * @returns values by name, in the order of `names`
 * @throws InputError when a name is not known, or a task does not fit the mask's shape
 */
export function measureMask(
  mask: Mask,
  tasks: readonly Task[],
  names: readonly string[] = usualMeasures,
): Record<string, MeasureValue> {
  checkTaskColumns(tasks, mask.shape);
  return measureStructure(new MaskStructure(mask, tasks), names);
}

/** As {@link measureMask}, of a mask whose structure serves other purposes too. */
export function measureStructure(structure: MaskStructure, names: readonly string[]): Record<string, MeasureValue> {
  return Object.fromEntries(
    names.map((name) => {
      const { compute, mostActive = Number.POSITIVE_INFINITY } = measures.get(name);
      return [name, structure.weights.active > mostActive ? null : compute(structure)];
    }),
  );
}

/**
 * The measures that a command was asked for: names joined by commas, `all`, or `usual` for all but the costly ones.
 * @returns names in the order of the registry, each once
 * @throws InputError when a name is not known
 */
export function readMeasures(text: string): string[] {
  if (text === "all") return [...measures.names];
  if (text === "usual") return [...usualMeasures];
  const asked = text.split(",").map((name) => name.trim());
  for (const name of asked) {
    if (!measures.has(name)) {
      throw new InputError(
        `--measures: "${name}" is not known: give all, usual, or a list of ${measures.names.join(",")}`,
      );
    }
  }
  return measures.names.filter((name) => asked.includes(name));
}

/** Which of some measures are left out of a mask for its number of active weights, as words for people; undefined where none are. */
export function leftOutForSize(names: readonly string[], active: number): string | undefined {
  const left = names.flatMap((name) => {
    const { mostActive } = measures.get(name);
    return mostActive !== undefined && active > mostActive ? [`${name} (above ${inThousands(mostActive)})`] : [];
  });
  return left.length === 0 ? undefined : `measures left out for the number of active weights: ${left.join(", ")}`;
}
