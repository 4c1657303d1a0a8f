import type { Command } from "commander";
import { analyze } from "../analysis/analyze.ts";
import { InputError, RunError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { checkTasks } from "../dataset/tasks.ts";
import { readRewind } from "../lottery/rewind.ts";
import { runOutline } from "../lottery/run_outline.ts";
import { baselineLine } from "../report/balanced_accuracy.ts";
import { levelEnginesLine } from "../report/level_engines.ts";
import { levelNotes, levelTable, outcomeLine } from "../report/level_table.ts";
import { measureLines } from "../report/measure_table.ts";
import { nullLines } from "../report/null_lines.ts";
import { scoreNames } from "../report/score_names.ts";
import { ticketFigure } from "../report/ticket_figure.ts";
import type { LevelRecord } from "../store/level_record.ts";
import { nodeFiles, writeOutput } from "../store/node.ts";
import { runFileNames } from "../store/run_path.ts";
import type { JsonObject } from "../store/run_record.ts";
import { readStoredRun, runFoldersIn, type StoredRun } from "../store/stored_run.ts";
import { trainedLength } from "../store/trained_length.ts";
import { levelToShow, namedLevel } from "./level_to_show.ts";
import { MeasuredRuns, measuresOption } from "./measured_runs.ts";
import { checkFigure } from "./output_file.ts";
import type { Shell } from "./shell.ts";
import { storedMask } from "./stored_mask.ts";

interface ShowOptions {
  readonly json?: true;
  readonly svg?: string;
  readonly level?: string;
  readonly measures?: string;
}

/** Adds `split-ticket show`. */
export function addShow(program: Command, shell: Shell): void {
  program
    .command("show")
    .description("show stored runs, finished or not, and verify their files")
    .argument("<folder>", "a run's folder (seed-<n>), or the one above it with all seeds")
    .option("--json", "print one JSON document")
    .option("--svg <file>", "draw a level's ticket: the first separated one, else the last finished one")
    .option("--level <level>", "the level to draw")
    .option(measuresOption.flags, measuresOption.description)
    .addHelpText(
      "after",
      `
Examples:
  split-ticket show runs/moons-circles-<hash>
  split-ticket show runs/moons-circles-<hash>/seed-0 --measures usual
  split-ticket show runs/moons-circles-<hash>/seed-0 --svg ticket.svg --level 6`,
    )
    .action((path: string, options: ShowOptions) => runShow(path, options, shell));
}

async function runShow(path: string, options: ShowOptions, shell: Shell): Promise<void> {
  if (options.level !== undefined && options.svg === undefined) {
    throw new InputError(`--level ${options.level} chooses what --svg draws: give --svg <file> too`);
  }
  if (options.svg !== undefined) await checkFigure(options.svg, []);
  const measuring = new MeasuredRuns(options.measures);
  const runs: StoredRun[] = [];
  const folders = await runFoldersIn(nodeFiles, path);
  const specs = new Set(folders.map(({ record }) => record.specHash)).size;
  if (specs > 1) {
    const [first] = folders;
    throw new InputError(
      `${path}: it holds runs of ${specs} specs, and show takes one: give one, such as ${first.path}, or all of them to report or table`,
    );
  }
  for (const folder of folders) runs.push(await measuring.measured(await readStoredRun(nodeFiles, folder)));
  // Drawn before anything is printed, so that what cannot be drawn is refused alone.
  const figure = options.svg === undefined ? undefined : await levelFigure(path, runs, options.level);
  for (const note of measuring.notes()) shell.note(note);
  if (options.json) shell.printJson(showDocument(path, runs));
  else
    shell.print(
      [...runs.map((run) => `${describeRun(run, shell.usesColor)}\n`), ...sharedLines(runs)].join("\n").trimEnd(),
    );
  if (options.svg !== undefined && figure) {
    await writeOutput(options.svg, figure.svg);
    shell.note(`figure: ${options.svg} (level ${figure.level})`);
  }

  const differing = runs.flatMap((run) => run.differing.map((name) => `${run.folder.path}/${name}`));
  if (differing.length > 0) {
    throw new RunError(
      `${differing.join(", ")}: not what the run wrote, by the checksums in run.json; restore ${differing.length === 1 ? "it" : "them"}, or give the run's command again, which makes what is damaged again`,
    );
  }
}

function describeRun({ folder, levels, outcome = "unfinished", differing }: StoredRun, color: boolean): string {
  const { name, seed, spec, tasks, inputNames } = folder.record;
  if (differing.includes("levels.jsonl"))
    return `${visible(name)}, seed ${seed}: levels.jsonl is damaged, its levels are not shown`;
  const names = scoreNames(tasks);
  const lines = levels.length > 0 ? [levelTable(levels, { color, scoreNames: names })] : [];
  const engines = levelEnginesLine(levels);
  if (engines) lines.push(engines);
  lines.push(...measureLines(levels));
  lines.push(...levelNotes(levels), ...nullLines(levels));
  lines.push(outcomeLine({ name, seed, outcome, levels, scoreNames: names, inputNames }));
  if (spec.keepCurves === true)
    lines.push(
      `losses and scores of every ${spec.evaluateEvery === undefined ? "epoch" : "evaluation"}: ${visible(folder.path)}/${runFileNames.curves}`,
    );
  const rewound = rewindLine(spec, levels);
  if (rewound) lines.push(rewound);
  if (outcome === "unfinished") {
    const planned = Array.isArray(spec.remaining) ? ` of at most ${spec.remaining.length}` : "";
    const { diverged } = folder.record;
    const next = diverged
      ? `level ${diverged.level} diverged (${visible(diverged.message)}); the same command would diverge again`
      : "the command that started the run continues from there";
    lines.push(`${plural(levels.length, "level")}${planned} finished; ${next}`);
  }
  return lines.join("\n");
}

/** What the levels after level 0 started from, where it is not the initial weights. */
function rewindLine({ rewind }: JsonObject, levels: readonly LevelRecord[]): string | undefined {
  const read = typeof rewind === "string" ? readRewind(rewind) : undefined;
  if (!read || read.to === "initial") return undefined;
  if (read.to === "trained") {
    const rate = read.rate === "anew" ? "by the schedule anew" : "at its last learning rate";
    return `levels start from the trained weights of the level before, ${rate} (rewind=${rewind})`;
  }
  const { count, to } = read;
  const [first] = levels;
  const isPast = first && count > (to === "epochs" ? first.epochs : first.steps);
  const after = isPast ? `, past the ${trainedLength(first)} of level 0` : "";
  return `levels start from the weights after ${plural(count, to.slice(0, -1))}${after}: ${runFileNames.rewind}`;
}

/** Baselines and notices, each once, since the runs of a spec share them. */
function sharedLines(runs: readonly StoredRun[]): Set<string> {
  return new Set(
    runs.flatMap(({ folder: { record } }) => [
      ...(record.baselines ? [baselineLine(record.baselines)] : []),
      ...(record.notices ?? []).map(visible),
    ]),
  );
}

/**
 * What `--json` prints: these keys, in this order; outcome is null while a run has not ended. What an older version did
 * not store is left out.
 */
function showDocument(path: string, runs: readonly StoredRun[]) {
  const { name, spec, tasks, coverage, inputNames, baselines, notices } = runs[0].folder.record;
  return {
    name,
    spec,
    folder: path,
    ...{ tasks, coverage, inputNames, baselines, notices },
    runs: runs.map(({ folder, levels, outcome = null, differing }) => ({
      seed: folder.record.seed,
      outcome,
      levels,
      differing,
    })),
  };
}

/** Draws a level's ticket. */
async function levelFigure(
  path: string,
  runs: readonly StoredRun[],
  wanted?: string,
): Promise<{ readonly svg: string; readonly level: number }> {
  const [run] = runs;
  if (runs.length > 1) {
    throw new InputError(`--svg draws one run and ${path} holds ${runs.length}: give one, such as ${run.folder.path}`);
  }
  const { folder, levels, differing } = run;
  if (differing.includes(runFileNames.levels)) {
    throw new InputError(
      `${folder.path}/${runFileNames.levels}: not what the run wrote, by the checksums in run.json, so no level can be drawn; restore it, or give the run's command again, which makes it again`,
    );
  }
  const standing = levelToShow(levels, path);
  const level = wanted === undefined ? standing : namedLevel(wanted, levels, path);
  const mask = await storedMask(folder, level);
  const { name, seed } = folder.record;
  const { tasks, coverage } = runOutline(folder.record, folder.path);
  checkTasks(tasks, mask.shape[0], mask.shape[mask.shape.length - 1]);
  const title = `${name}, seed ${seed}, level ${level}: ${levels[level].state}`;
  return { svg: ticketFigure({ mask, tasks, ...analyze(mask, tasks, coverage), title }), level };
}
