import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { readNumbers } from "../lottery/numbers.ts";
import { type BranchRuns, branch, branchKinds, branchLevels } from "../node.ts";
import { branchRows } from "../report/branch_rows.ts";
import { branchTable } from "../report/branch_table.ts";
import { branchScores } from "../report/figures/branches.ts";
import { scoreNames, sharedScoreName } from "../report/score_names.ts";
import { writeOutput } from "../store/node.ts";
import { passedOverLine } from "./held_runs.ts";
import { checkOutputs, rootOf, trainOnOwnEngine } from "./own_engine.ts";
import type { Shell } from "./shell.ts";
import { writeRecords } from "./table_file.ts";
import { type TrainingOptions, throwFailures } from "./training.ts";

/** Options of `split-ticket branch`. */
export interface BranchCommandOptions extends Omit<TrainingOptions, "out"> {
  readonly out?: string;
  readonly levels?: string;
  readonly seeds?: string;
  readonly data?: string;
  readonly from?: string;
  readonly wait: boolean;
  readonly json?: true;
  readonly table?: string;
  readonly svg?: string;
}

/** Trains branches and shows what the tickets of the levels are worth. */
export async function runBranches(
  folders: readonly string[],
  kinds: readonly string[],
  options: BranchCommandOptions,
  shell: Shell,
): Promise<void> {
  const { levels, seeds, data, from, json, table, svg, wait } = options;
  if (seeds !== undefined && !kinds.some((kind) => branchKinds.get(kind).usesSeed)) {
    throw new InputError(
      `--seeds ${visible(seeds)} is given and ${kinds.join(", ")} ${kinds.length === 1 ? "uses" : "use"} no branch seed; leave --seeds out`,
    );
  }
  const choice = {
    kinds,
    ...(levels !== undefined && { levels: readNumbers("--levels", levels) }),
    ...(seeds !== undefined && { seeds: readNumbers("--seeds", seeds) }),
    ...{ data, from, wait },
  };
  await checkOutputs({ table, svg }, folders, data);
  const result = await trainOnOwnEngine(folders, options, shell, (training) =>
    branch(folders, { ...choice, ...training }),
  );
  const found = branchLevels(result.sources);
  const rows = branchRows(found);
  const tasks = result.experiments.flatMap((experiment) => experiment.tasks);
  const scoreName = sharedScoreName(Object.values(scoreNames(tasks)));
  if (json) shell.printJson(branchDocument(result, rows, scoreName));
  else shell.print([branchTable(rows, scoreName), `branches: ${await rootOf(folders, options)}`].join("\n"));
  if (table !== undefined) {
    await writeRecords(table, rows);
    shell.note(`table: ${table}, ${plural(rows.length, "row")}`);
  }
  if (svg !== undefined) {
    await writeOutput(svg, branchScores(rows, scoreName).svg);
    shell.note(`figure: ${svg}`);
  }
  const passedOver = result.experiments.flatMap((each, experiment) =>
    each.passedOver.map((run) => ({ ...run, experiment })),
  );
  if (passedOver.length > 0) shell.note(passedOverLine(passedOver, result.experiments));
  throwFailures(result);
}

/** What `--json` prints: these keys, in this order. */
function branchDocument(result: BranchRuns, rows: ReturnType<typeof branchRows>, scoreName: string) {
  const { executor, sources, experiments } = result;
  return {
    executor,
    scoreName,
    rows,
    runs: sources.map(({ path, name, seed, executor, levels, branches }) => ({
      ...{ path, name, seed, executor, levels },
      branches: branches.map(({ kind, branchSeed, folder, levels }) => ({ kind, branchSeed, folder, levels })),
    })),
    failed: experiments.flatMap(({ name, failed }) => failed.map((one) => ({ name, ...one }))),
    passedOver: experiments.flatMap(({ name, passedOver }) => passedOver.map((one) => ({ name, ...one }))),
  };
}
