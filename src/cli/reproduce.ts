import { type Command, Option } from "commander";
import { InputError } from "../base/errors.ts";
import { nodeDatasetAccess } from "../dataset/node.ts";
import { openDataset } from "../lottery/dataset.ts";
import type { RunResult } from "../node.ts";
import { type ReportedRun, reportedRun } from "../report/reported_run.ts";
import { checkReportPath, writeReport } from "../report/write_report.ts";
import { experiments } from "../reproduction/experiments.ts";
import { planExperiment } from "../reproduction/plan.ts";
import { describeOurs, type ReproductionContent, reproductionReport } from "../reproduction/report.ts";
import { nodeFiles } from "../store/node.ts";
import { readRunFolder } from "../store/run_folder.ts";
import { readStoredRun } from "../store/stored_run.ts";
import { plural } from "./format.ts";
import { print, printJson } from "./output.ts";
import { storedMask } from "./stored_mask.ts";
import {
  addTrainingOptions,
  enterDevice,
  readSpecKeys,
  type TrainingOptions,
  throwFailures,
  trainShown,
} from "./training.ts";
import { packageVersion } from "./versions.ts";

interface ReproduceOptions extends TrainingOptions {
  readonly list?: true;
  readonly seeds?: string;
  readonly extensions?: string;
  readonly set?: readonly string[];
  readonly scale: "full" | "small";
  readonly report?: string;
  readonly json?: true;
}

/** Adds `split-ticket reproduce`. */
export function addReproduce(program: Command): void {
  const command = program
    .command("reproduce")
    .description("run an experiment of the thesis and set its figures and values beside the published ones")
    .argument("[experiment]", experiments.map(({ name }) => name).join(", "))
    .option("--list", "tell what the experiments are, and run none")
    .option("--seeds <seeds>", "model seeds, such as 0..99 (default: as many as the thesis has)")
    .option("--extensions <levels>", "of a network extension only these levels, such as 0..16")
    .option("--set <key=value...>", "spec keys laid over the experiment's: departures, which the report names")
    .addOption(
      new Option("--scale <scale>", "small: our cut of an image experiment, for a machine without a GPU")
        .choices(["full", "small"])
        .default("full"),
    );
  addTrainingOptions(command)
    .option("-o, --report <file>", "the report, .html or .md (default: reproduction/<experiment>.html)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
All runs of an experiment are one population. Runs that are finished are not run
again: more seeds or another report cost what is new. Beside the report lie its
figures as SVG and the data behind each as CSV.

Examples:
  split-ticket reproduce --list
  split-ticket reproduce extension-2 --extensions 0..16
  split-ticket reproduce extension-2 --extensions 6..13 --seeds 0..19 -o more-seeds.html
  split-ticket reproduce half --scale small`,
    )
    .action(runReproduce);
}

async function runReproduce(name: string | undefined, options: ReproduceOptions): Promise<void> {
  if (options.list) {
    listExperiments(options);
    return;
  }
  if (name === undefined) throw new InputError("no experiment given: name one; reproduce --list tells what they are");
  const { scale, extensions, engine, out } = options;
  const plan = planExperiment(name, { scale, extensions, set: readSpecKeys(options) });
  const report = options.report ?? `reproduction/${name}${scale === "small" ? "-small" : ""}.html`;
  checkReportPath(report);

  const choice = { set: plan.set, device: await enterDevice(options), engine, out };
  const given = plan.grids.map((spec) => ({ name, spec }));
  const result = await trainShown(given, choice, options);
  const runs = await readRuns(result);
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
    if (options.json) printJson(resultDocument(name, result, runs, content, report));
    else print(describeContent(content, report));
  }
  throwFailures(result);
}

/** The runs as they lie on disk, in the order of the experiments and their seeds; those that failed with what they finished. */
async function readRuns({ experiments: ran }: RunResult): Promise<ReportedRun[]> {
  const runs: ReportedRun[] = [];
  for (const { folder, seeds } of ran) {
    for (const seed of seeds) {
      const stored = await readStoredRun(nodeFiles, await readRunFolder(nodeFiles, `${folder}/seed-${seed}`));
      const run = await reportedRun(stored);
      if (run) runs.push(run);
    }
  }
  return runs;
}

function listExperiments({ json }: ReproduceOptions): void {
  if (json) {
    printJson(
      experiments.map(({ name, title, grids, seeds, ours, small = null }) => ({
        name,
        title,
        grids,
        seeds,
        ours,
        small,
      })),
    );
    return;
  }
  const width = Math.max(...experiments.map(({ name }) => name.length));
  print(
    experiments
      .map(({ name, title, seeds, small }) => {
        const scales = small ? "; also --scale small" : "";
        return `${name.padEnd(width)}  ${title} (${plural(seeds.length, "seed")}${scales})`;
      })
      .join("\n"),
  );
}

function describeContent({ summary, comparisons }: ReproductionContent, report: string): string {
  const differing = comparisons.filter(({ agrees }) => !agrees);
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
