import { InputError } from "../base/errors.ts";
import { type ExperimentInput, type PlanOptions, planRun } from "../node.ts";
import { runCount } from "./run_name.ts";
import { describePlan, networkLevels } from "./run_plan.ts";
import type { Shell } from "./shell.ts";
import type { TrainingOptions } from "./training.ts";

/** What `--help` says of the option. */
export const dryRunHelp = "print what would run, on which engine, in how much memory and disk; train and write nothing";

/**
 * Prints what would run, on which engine, in how much memory and disk; trains and writes nothing.
 * @param then a line on what would follow these runs
 * @throws InputError as training would
 */
export async function showDryRun(
  experiments: readonly ExperimentInput[],
  choice: PlanOptions,
  options: TrainingOptions & { readonly json?: true },
  shell: Shell,
  then?: string,
): Promise<void> {
  const plan = await planRun(experiments, choice);
  if (options.json) shell.printJson({ runs: runCount(plan.experiments), levels: networkLevels(plan), ...plan });
  else shell.print(describePlan(plan, options, options.out));
  if (then !== undefined) shell.note(then);
  if (plan.shortages.length > 0) throw new InputError(plan.shortages.join("; "));
}
