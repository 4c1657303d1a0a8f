import { InputError } from "../base/errors.ts";
import type { BranchRun } from "../lottery/branch/branch_run.ts";
import { type BranchData, branchData } from "../lottery/branch/data.ts";
import { askedBranches, type BranchRequest, branchExperiments } from "../lottery/branch/experiments.ts";
import { ticket } from "../lottery/branch/kinds/ticket.ts";
import { branchKinds } from "../lottery/branch/kinds.ts";
import { type BranchSource, openBranchSource } from "../lottery/branch/source.ts";
import type { Experiment } from "../lottery/experiment.ts";
import { readRunFolder } from "../store/open_run.ts";
import { experimentFolder, runPath } from "../store/run_path.ts";
import { runPathsBelow } from "../store/stored_run.ts";
import type { BranchOptions, EngineChoice } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { BranchRuns } from "./result.ts";
import { trainExperiments } from "./run.ts";

/**
 * Trains levels of stored runs again, with one thing changed, as one population; stores each branch as a run beside the run
 * that it branches from. Branches that are stored already are read.
 * @param given run folders, or folders above them with all seeds of a spec
 * @throws InputError for a level that is not finished or a kind that lacks what it needs; else as `runExperiments`
 */
export function trainBranches(
  platform: Platform,
  given: readonly string[],
  options: BranchOptions,
): Promise<BranchRuns> {
  return trainKinds(platform, given, { ...options, kinds: [ticket.name, ...options.kinds] });
}

/** As {@link trainBranches}, of the given kinds alone. */
export async function trainKinds(
  platform: Platform,
  given: readonly string[],
  options: BranchOptions,
): Promise<BranchRuns> {
  const sources = await openBranchSources(platform, given);
  const { experiments, data } = await planBranches(platform, sources, options);
  const root = options.out === undefined ? branchRoot(sources) : options.out;
  const executor = sources[0].folder.record.executor;
  const result = await trainExperiments(platform, experiments, {
    ...options,
    ...(await chosenEngine(sources, options)),
    out: root,
    onStart: (plan) => {
      const isOther = plan.engines.some(({ name }) => `${name}, ${plan.executor}` !== executor);
      const leftOut = data?.leftOut ?? [];
      const notes = [
        ...(isOther
          ? [`the runs were trained on ${executor}, so that the branch ticket, not their own levels, is the reference`]
          : []),
        ...(leftOut.length > 0
          ? [`--data ${data?.where}: of its keys those of the data are taken; ${leftOut.join(", ")} as in the runs`]
          : []),
      ];
      options.onStart?.({ ...plan, notices: [...plan.notices, ...notes] });
    },
  });
  const branches = result.experiments.flatMap(({ name, runs }, k) => {
    const { spec, hash: specHash } = experiments[k];
    const { kind = "", seed: branchSeed } = spec.branch ?? {};
    const { isControl } = branchKinds.get(kind);
    return runs.map(({ seed, levels }): BranchRun => {
      const folder = root === null ? null : runPath(`${root}/${experimentFolder({ name, specHash })}`, seed);
      return { kind, isControl, seed, branchSeed, folder, levels };
    });
  });
  return {
    ...result,
    sources: sources.map(({ folder: { path, record }, seed, levels }) => ({
      ...{ path, name: record.name, seed, executor: record.executor, levels },
      branches: branches.filter((branch) => branch.seed === seed),
    })),
  };
}

/** What branches are made from: the options of {@link BranchOptions} that determine them. */
export type BranchChoice = Pick<BranchOptions, "kinds" | "levels" | "seeds" | "data" | "from" | "keepTrained">;

/**
 * The branches of some runs as experiments, before any is trained, with the other dataset where there is one.
 * @throws InputError for a level that is not finished, a kind that lacks what it needs, or too many runs
 */
export async function planBranches(
  { files }: Pick<Platform, "files">,
  sources: readonly BranchSource[],
  choice: BranchChoice,
): Promise<{ readonly experiments: Experiment[]; readonly data: BranchData | undefined }> {
  const request = await branchRequest(files, choice);
  return { experiments: await branchExperiments(sources, request, files), data: request.data };
}

/**
 * How many runs the branches of some runs are, and how many levels in all. Each kind is made once, whatever the number of its
 * branch seeds.
 * @throws InputError as {@link planBranches}
 */
export async function countBranches(
  { files }: Pick<Platform, "files">,
  sources: readonly BranchSource[],
  choice: BranchChoice,
): Promise<{ readonly runs: number; readonly levels: number }> {
  const request = await branchRequest(files, choice);
  const { seeds } = askedBranches(sources, request);
  const once = await branchExperiments(sources, { ...request, seeds: seeds.slice(0, 1) }, files);
  let [runs, levels] = [0, 0];
  for (const { seeds: of, spec } of once) {
    const own = of.length * (spec.branch?.seed === undefined ? 1 : seeds.length);
    runs += own;
    levels += own * spec.remaining.length;
  }
  return { runs, levels };
}

async function branchRequest(
  files: Platform["files"],
  { kinds, levels, seeds, data: given, from, keepTrained }: BranchChoice,
): Promise<BranchRequest> {
  const named = typeof given === "string" ? { name: given } : given;
  return {
    ...{ kinds, levels, seeds, keepTrained },
    data: named && (await branchData(named, files)),
    from: from === undefined ? undefined : await openBranchSource(files, from),
  };
}

/**
 * Opens the runs in some folders, each once. Branches in a folder of runs are passed over.
 * @throws InputError when there is no folder, or one holds no run that can be branched
 */
export async function openBranchSources(
  { files }: Pick<Platform, "files">,
  given: readonly string[],
): Promise<BranchSource[]> {
  if (given.length === 0) throw new InputError("no run is given; give run folders, such as runs/<name>-<hash>/seed-0");
  const sources = new Map<string, BranchSource>();
  for (const folder of given) {
    const paths = await runPathsBelow(files, folder);
    const own: string[] = [];
    for (const path of paths) {
      if (paths.length === 1 || (await readRunFolder(files, path)).record.spec.branch === undefined) own.push(path);
    }
    if (own.length === 0)
      throw new InputError(`${folder}: it holds branches alone; give the runs that they branch from`);
    for (const path of own) sources.set(path, sources.get(path) ?? (await openBranchSource(files, path)));
  }
  return [...sources.values()];
}

/** The folder of all runs that holds the first of some runs. */
export function branchRoot([{ folder }]: readonly BranchSource[]): string {
  return parentFolder(parentFolder(folder.path));
}

const engineNames = ["dense", "sparse", "tiled", "resident"] as const;

/** A device and an engine. */
type Chosen = { [Key in keyof EngineChoice]-?: NonNullable<EngineChoice[Key]> };

/**
 * Device and engine as given, or those that the runs were trained on where both are free.
 * @throws InputError when both are free and the runs were trained on several
 */
export async function chosenEngine(
  sources: readonly BranchSource[],
  { device = "auto", engine = "auto" }: EngineChoice,
): Promise<Chosen> {
  return device === "auto" && engine === "auto" ? sourceEngine(sources) : { device, engine };
}

async function sourceEngine(sources: readonly BranchSource[]): Promise<Chosen> {
  const [first] = sources;
  const { executor } = first.folder.record;
  const other = sources.find(({ folder }) => folder.record.executor !== executor);
  if (other) {
    throw new InputError(
      `${other.folder.path}: it was trained on ${other.folder.record.executor}, ${first.folder.path} on ${executor}; choose one by --device and --engine`,
    );
  }
  const [name] = executor.split(", ");
  if (name === "cpu") return { device: "cpu", engine: "auto" };
  const [timing] = (await first.folder.readTimings()).timings;
  const kind = timing?.adapterKind;
  return {
    engine: engineNames.find((known) => known === name) ?? "auto",
    device: kind === "gpu" || kind === "software" ? kind : "auto",
  };
}

/** The folder above a folder. */
function parentFolder(path: string): string {
  const at = path.lastIndexOf("/");
  const name = path.slice(at + 1);
  if (name === "..") return `${path}/..`;
  if (name === ".") return at === -1 ? ".." : parentFolder(path.slice(0, at));
  return at === -1 ? "." : path.slice(0, at) || "/";
}
