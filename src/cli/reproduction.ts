import { StorageError } from "../base/errors.ts";
import { nodeDatasetAccess } from "../dataset/node.ts";
import { openDataset } from "../lottery/dataset.ts";
import type { RunResult } from "../node.ts";
import { type ReportedRun, reportedRun } from "../report/reported_run.ts";
import { checkReportPath, writeReport } from "../report/write_report.ts";
import { planExperiment } from "../reproduction/plan.ts";
import { describeOurs, type ReproductionContent, reproductionReport } from "../reproduction/report.ts";
import { nodeFiles } from "../store/node.ts";
import { readRunFolder } from "../store/open_run.ts";
import { runFileNames, runPath } from "../store/run_path.ts";
import { readStoredRun } from "../store/stored_run.ts";
import { showDryRun } from "./dry_run.ts";
import { checkOutput } from "./output_file.ts";
import type { Shell } from "./shell.ts";
import { storedMask } from "./stored_mask.ts";
import { enterDevice, readSpecKeys, type TrainingOptions, throwFailures, trainShown } from "./training.ts";
import { packageVersion } from "./versions.ts";

/** Options of a reproduction. */
export interface ReproduceOptions extends TrainingOptions {
  readonly seeds?: string;
  readonly extensions?: string;
  readonly dataSeeds?: string;
  readonly set?: readonly string[];
  readonly scale: "full" | "small";
  readonly report?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** Runs an experiment of the thesis and writes its report. */
export async function reproduce(name: string, options: ReproduceOptions, shell: Shell): Promise<void> {
  const { scale, extensions, dataSeeds, engine, out } = options;
  const plan = planExperiment(name, { scale, extensions, dataSeeds, set: readSpecKeys(options) });
  const report = options.report ?? `reproduction/${name}${scale === "small" ? "-small" : ""}.html`;
  checkReportPath(report);
  await checkOutput(report, []);

  const choice = { set: plan.set, device: await enterDevice(options, shell), engine, out };
  const given = plan.grids.map((spec) => ({ name, spec }));
  if (options.dryRun) {
    await showDryRun(given, choice, options, shell);
    return;
  }
  const result = await trainShown(given, choice, options, shell);
  const { runs, leftOut } = await readRuns(result);
  if (runs.length > 0) {
    const content = await reproductionReport(
      plan,
      {
        runs,
        readMask: async ({ path }, level) => storedMask(await readRunFolder(nodeFiles, path), level),
        openDataset: () => openDataset(result.experiments[0].spec, nodeDatasetAccess()),
      },
      packageVersion(),
    );
    await writeReport(nodeFiles, report, content);
    if (options.json) shell.printJson(resultDocument(name, result, runs, content, report));
    else shell.print(describeContent(content, report));
  }
  if (leftOut.length > 0) {
    throw new StorageError(
      `not counted: ${leftOut.join("; ")}: changed since ${leftOut.length === 1 ? "it was" : "they were"} run; give the command again, which makes what is damaged again`,
    );
  }
  throwFailures(result);
}

/**
 * The stored runs, in the order of experiments and seeds; a failed run has the levels that it finished. Runs whose levels
 * cannot be read are left out by their names and problems: running has verified all files, so they are the failed ones or
 * were changed since.
 */
async function readRuns({ experiments: ran }: RunResult): Promise<{ runs: ReportedRun[]; leftOut: string[] }> {
  const runs: ReportedRun[] = [];
  const leftOut: string[] = [];
  for (const { folder, seeds, failed } of ran) {
    if (folder === null) continue;
    for (const seed of seeds) {
      const path = runPath(folder, seed);
      // Its failure is told with the others.
      if (failed.some((each) => each.seed === seed && each.kind !== "diverged")) continue;
      const stored = await readStoredRun(nodeFiles, await readRunFolder(nodeFiles, path), [runFileNames.levels]);
      if (stored.differing.length > 0) leftOut.push(`${path}/${stored.differing[0]}`);
      const run = await reportedRun(stored);
      if (run) runs.push(run);
    }
  }
  return { runs, leftOut };
}

function describeContent({ summary, comparisons }: ReproductionContent, report: string): string {
  const differing = comparisons.filter(({ agrees }) => agrees === false);
  return [
    ...summary.slice(1),
    ...differing.map(
      (each) => `differs: ${each.quantity}, ${each.where}: ours ${describeOurs(each)}, thesis ${each.source}`,
    ),
    "",
    `report: ${report}`,
  ].join("\n");
}

/** What `--json` prints: these keys, in this order. */
function resultDocument(
  name: string,
  { executor, experiments: ran }: RunResult,
  runs: readonly ReportedRun[],
  { figures, comparisons }: ReproductionContent,
  report: string,
) {
  return {
    experiment: name,
    executor,
    report,
    figures: figures.map(({ id }) => id),
    comparisons,
    runs: runs.map(({ path, specHash, seed, outcome, finished }) => ({
      values: ran.find(({ folder }) => folder !== null && path.startsWith(`${folder}/`))?.values ?? {},
      specHash,
      seed,
      outcome,
      finished,
      folder: path,
    })),
  };
}
