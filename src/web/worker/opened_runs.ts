import type { Outcome } from "../../analysis/outcome.ts";
import { InputError } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import type { CoverageKind } from "../../base/task.ts";
import { visible } from "../../base/visible.ts";
import { runOutline } from "../../lottery/run_outline.ts";
import type { Spec } from "../../lottery/spec.ts";
import type { Mask } from "../../mask/mask.ts";
import { runPaths } from "../../store/archive.ts";
import type { MemoryFiles } from "../../store/memory.ts";
import { readRunFolder } from "../../store/open_run.ts";
import { experimentFolder, isFolderName, runPath } from "../../store/run_path.ts";
import type { OpenedRun } from "../protocol.ts";
import { fitTasks } from "./opened_ticket.ts";

/** A run that was read from files of the visitor. */
export interface ReadRun {
  readonly run: OpenedRun;
  readonly coverage: CoverageKind;
  /** Its files, by their paths where the page keeps runs of its name, spec and seed. */
  readonly files: readonly (readonly [string, Uint8Array])[];
}

/**
 * Reads the run folders with a finished level among some files, and checks them.
 * @param name of the zip file or folder, for messages
 * @param root folder of all runs of the page
 * @throws InputError when a run is not whole, stands there twice, or none has a finished level
 */
export async function readOpenedRuns(name: string, opened: MemoryFiles, root: string): Promise<ReadRun[]> {
  const found: ReadRun[] = [];
  for (const from of runPaths(opened)) {
    const one = await readOpenedRun(name, opened, from, root);
    if (!one) continue;
    if (found.some(({ run }) => run.path === one.run.path)) {
      throw new InputError(
        `${name}: holds the run ${one.run.path} twice, the second time in ${from}; drop one of them`,
      );
    }
    found.push(one);
  }
  if (found.length === 0) throw new InputError(`${name}: its runs have no finished level; drop one that has`);
  return found;
}

/** @returns undefined if no level has finished */
async function readOpenedRun(
  name: string,
  opened: MemoryFiles,
  from: string,
  root: string,
): Promise<ReadRun | undefined> {
  const folder = await readRunFolder(opened, from);
  const levels = await folder.finishedLevels();
  if (levels.length === 0) return undefined;
  const masks: Mask[] = [];
  for (const { level } of levels) {
    const mask = await folder.readLevelMask(level);
    if (!mask) throw new InputError(`${name}: ${from} has no mask of level ${level}; give the whole run folder`);
    masks.push(mask);
  }
  const { seed, outcome, specHash, inputNames, baselines } = folder.record;
  const spec = folder.record.spec as unknown as Spec;
  if (!isFolderName(folder.record.name) || !isFolderName(specHash)) {
    throw new InputError(`${name}: ${from} is named ${folder.record.name}, ${specHash}, which names no folder`);
  }
  const path = runPath(`${root}/${experimentFolder({ name: folder.record.name, specHash })}`, seed);
  const { shape, remaining, branch } = spec;
  const { tasks, coverage } = runOutline(folder.record, `${name}: ${from}`);
  const initial = await folder.readInit();
  const other = [...masks, ...(initial ? [initial] : [])].find((each) => each.shape.join() !== shape?.join());
  if (!shape || !Array.isArray(remaining) || other) {
    throw new InputError(
      `${name}: ${from} holds a network of ${other ? formatShape(other.shape) : "a shape that run.json does not name"}, which is not of its run; give the folder as the run wrote it`,
    );
  }
  fitTasks(tasks, shape, `${name}: ${from}`);
  const files: [string, Uint8Array][] = [];
  for (const file of await opened.list(from)) files.push([`${path}/${file}`, await opened.read(`${from}/${file}`)]);
  const run = {
    ...{ path, name: folder.record.name, seed, shape, remaining, tasks, inputNames, baselines, levels },
    outcome: outcome?.outcome as Outcome | undefined,
    branch: branchOf(branch),
  };
  return { run, coverage, files };
}

/** Kind and branch seed of a branch, as the file says; undefined for a run. */
function branchOf(branch: unknown): OpenedRun["branch"] {
  if (typeof branch !== "object" || branch === null) return undefined;
  const { kind, seed } = branch as { readonly kind?: unknown; readonly seed?: unknown };
  return { kind: visible(String(kind)), seed: typeof seed === "number" ? seed : undefined };
}
