import type { Command } from "commander";
import { plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { readNumber } from "../lottery/numbers.ts";
import { functionTables, samplesWords } from "../report/function_table.ts";
import { nodePlatform } from "../run/node.ts";
import type { StoredFunction } from "../run/result.ts";
import { defaultSamples, RunData, storedFunction } from "../run/stored_function.ts";
import { nodeFiles } from "../store/node.ts";
import { runFoldersIn } from "../store/stored_run.ts";
import { levelToShow } from "./level_to_show.ts";
import { distinctFolders } from "./repeated_runs.ts";
import type { Shell } from "./shell.ts";

interface FunctionOptions {
  readonly level?: string;
  readonly samples: string;
  readonly json?: true;
}

/** Adds `split-ticket function`. */
export function addFunction(program: Command, shell: Shell): void {
  program
    .command("function")
    .description(
      "what each part of stored tickets computes: lesions, use of inputs, saliency and correlation of neurons",
    )
    .argument("<folders...>", "runs' folders (seed-<n>), or those above them with all seeds; with trained weights")
    .option("--level <level>", "level of each run (default: the first separated one, else the last finished one)")
    .option("--samples <n>", "validation samples at most", String(defaultSamples))
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
The runs need trained weights: --set keepTrained=true. A part is a subnetwork; of a ticket that has not split, the hidden
neurons that count most for one task. docs/function.md defines every number.

Examples:
  split-ticket function runs/moons-circles-<hash>/seed-7
  split-ticket function runs/moons-circles-<hash> --level 0 --json`,
    )
    .action((folders: readonly string[], options: FunctionOptions) => runFunction(folders, options, shell));
}

async function runFunction(
  given: readonly string[],
  { level, samples, json }: FunctionOptions,
  shell: Shell,
): Promise<void> {
  const asked = {
    level: level === undefined ? undefined : readNumber("--level", level),
    samples: readNumber("--samples", samples),
  };
  const platform = nodePlatform();
  const data = new RunData(platform.datasets);
  const found: StoredFunction[] = [];
  const paths: string[] = [];
  for (const folder of given) paths.push(...(await runFoldersIn(nodeFiles, folder)).map(({ path }) => path));
  for (const path of await distinctFolders(paths)) {
    const [folder] = await runFoldersIn(nodeFiles, path);
    const chosen = asked.level ?? levelToShow(await folder.finishedLevels(), path);
    found.push(await storedFunction(platform, data, path, { level: chosen, samples: asked.samples }));
  }
  for (const one of found) for (const note of changedNotes(one)) shell.note(note);
  if (json) shell.printJson({ tickets: found });
  else shell.print(found.map(describe).join("\n\n"));
}

function describe(one: StoredFunction): string {
  const { path, level, weights, state, samples, ofSamples } = one;
  return [
    `${visible(path)}: level ${level}, ${plural(weights, "weight")}, ${state}; ${samplesWords(samples, ofSamples)}`,
    functionTables(one),
  ].join("\n");
}

/** Scores may differ by rounding, in float64 here: by more only where the data are no longer those of the run. */
const mostDifference = 0.005;

function changedNotes({ path, tasks, samples, ofSamples, scores, recorded }: StoredFunction): string[] {
  if (samples < ofSamples) return [];
  return tasks.flatMap((task, t) =>
    Math.abs(scores[t] - recorded[t]) <= mostDifference
      ? []
      : [
          `${path}: ${task} scores ${scores[t].toFixed(4)} here and ${recorded[t].toFixed(4)} in the run; the data are not those that it was trained on`,
        ],
  );
}
