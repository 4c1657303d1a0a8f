import { plural } from "../base/format.ts";
import type { BranchRuns, RunResult } from "../node.ts";
import { type ReportedRun, reportedRun } from "../report/reported_run.ts";
import { checkReportPath, writeReport } from "../report/write_report.ts";
import { meanCourses } from "../reproduction/frankle_carbin/courses.ts";
import { controls, frankleCarbin, planFrankleCarbin } from "../reproduction/frankle_carbin/experiment.ts";
import type { Course } from "../reproduction/frankle_carbin/figures.ts";
import { measuredLevels } from "../reproduction/frankle_carbin/measured.ts";
import {
  describeChange,
  describeInterval,
  describeStatement,
  type FrankleCarbinContent,
  frankleCarbinReport,
} from "../reproduction/frankle_carbin/report.ts";
import { trainKinds } from "../run/branch.ts";
import { nodePlatform } from "../run/node.ts";
import { nodeFiles } from "../store/node.ts";
import { readRunFolder } from "../store/open_run.ts";
import { runPath } from "../store/run_path.ts";
import { readStoredRun } from "../store/stored_run.ts";
import { showDryRun } from "./dry_run.ts";
import { checkOutput } from "./output_file.ts";
import type { ReproduceOptions } from "./reproduction.ts";
import type { Shell } from "./shell.ts";
import { enterDevice, readSpecKeys, showTraining, throwFailures, trainShown } from "./training.ts";
import { packageVersion } from "./versions.ts";

/** Runs the experiment of Frankle and Carbin, then the branches of its runs, and writes its report. */
export async function reproduceFrankleCarbin(options: ReproduceOptions, shell: Shell): Promise<void> {
  const { scale, extensions, dataSeeds, engine, out } = options;
  const { name } = frankleCarbin;
  const plan = planFrankleCarbin({ scale, extensions, dataSeeds, set: readSpecKeys(options) });
  const report = options.report ?? `reproduction/${name}${scale === "small" ? "-small" : ""}.html`;
  checkReportPath(report);
  await checkOutput(report, []);

  const device = await enterDevice(options, shell);
  const [given, choice] = [[{ name, spec: plan.spec }], { set: plan.set, device, engine, out }];
  if (options.dryRun) {
    const levels = plural(plan.branchLevels.length, "level");
    const then = `then: branches of each run, ${controls.join(" and ")}, at most ${levels} each; reinit ${plural(plan.branchSeeds.length, "time")}`;
    await showDryRun(given, choice, options, shell, then);
    return;
  }
  const result = await trainShown(given, choice, options, shell);
  const folders = runFolders(result);
  throwFailures(result);
  const [{ spec }] = result.experiments;
  const branched = await showTraining(
    (shown) =>
      trainKinds(nodePlatform(), folders, {
        ...shown,
        ...{ device, engine, out, keepTrained: false },
        kinds: controls,
        levels: plan.branchLevels.filter((level) => level < spec.remaining.length),
        seeds: plan.branchSeeds,
      }),
    options,
    shell,
  );
  throwFailures(branched);
  const content = frankleCarbinReport(
    plan,
    {
      runs: await readRuns(folders),
      branches: await readRuns(branchFolders(branched)),
      measured: measuredLevels(branched.sources),
      courses: await readCourses(branched),
    },
    packageVersion(),
  );
  await writeReport(nodeFiles, report, content);
  if (options.json) shell.printJson(resultDocument(branched, content, report));
  else shell.print(describeContent(content, report));
}

function runFolders({ experiments: [{ folder, runs }] }: RunResult): string[] {
  return runs.map(({ seed }) => runPath(String(folder), seed));
}

function branchFolders({ sources }: BranchRuns): string[] {
  return sources.flatMap(({ branches }) => branches.map(({ folder }) => String(folder)));
}

async function readRuns(folders: readonly string[]): Promise<ReportedRun[]> {
  const runs: ReportedRun[] = [];
  for (const folder of folders) {
    const run = await reportedRun(await readStoredRun(nodeFiles, await readRunFolder(nodeFiles, folder)));
    if (run) runs.push(run);
  }
  return runs;
}

/** The courses of training of tickets and of their re-initialisations. */
async function readCourses({ sources }: BranchRuns): Promise<Course[]> {
  const stored = [];
  for (const { path, levels, branches } of sources) {
    stored.push({ kind: "ticket" as const, levels, dense: levels[0], curves: await curvesOf(path) });
    for (const { kind, folder, levels: own } of branches) {
      if (kind !== "reinit") continue;
      stored.push({ kind, levels: own, dense: levels[0], curves: await curvesOf(String(folder)) } as const);
    }
  }
  return meanCourses(stored);
}

const curvesOf = async (folder: string) => (await readRunFolder(nodeFiles, folder)).readCurves();

function describeContent({ summary, comparisons }: FrankleCarbinContent, report: string): string {
  const lines = comparisons.map((comparison) => {
    const { quantity, share, source, ours, verdict } = comparison;
    const interval = describeInterval(comparison);
    const where = `${Number((100 * share).toPrecision(3))} % of the weights`;
    return `${verdict}: ${describeStatement(comparison)}, ${where}: ours ${describeChange(quantity, ours.mean)}${interval === undefined ? "" : ` (${interval})`}, paper: ${source}`;
  });
  return [...summary.slice(3), ...lines, "", `report: ${report}`].join("\n");
}

/** What `--json` prints: these keys, in this order. */
function resultDocument(branched: BranchRuns, { figures, comparisons }: FrankleCarbinContent, report: string) {
  return {
    experiment: frankleCarbin.name,
    executor: branched.executor,
    report,
    figures: figures.map(({ id }) => id),
    comparisons,
    runs: branched.sources.map(({ path, seed, branches }) => ({
      ...{ seed, folder: path },
      branches: branches.map(({ kind, branchSeed = null, folder }) => ({ kind, branchSeed, folder })),
    })),
  };
}
