import { InputError } from "../../base/errors.ts";
import type { Files } from "../../base/files.ts";
import { formatShape } from "../../base/shape.ts";
import { isDataPath } from "../../dataset/registry.ts";
import { biasesLeft, type LevelRecord } from "../../store/level_record.ts";
import { branchName } from "../../store/run_path.ts";
import { canonicalJson, specHash } from "../../store/spec_hash.ts";
import { samplesKey } from "../dataset.ts";
import type { Experiment } from "../experiment.ts";
import { mostRuns } from "../grid.ts";
import { mostSeeds } from "../spec_schema.ts";
import { type BranchData, dataKeys } from "./data.ts";
import { type BranchKind, defaultBranchSeeds } from "./kind.ts";
import { branchKinds } from "./kinds.ts";
import { checkOneShot } from "./one_shot_mask.ts";
import { prescribedLevels } from "./prescribed.ts";
import { type BranchSource, checkFinished, levelsSpec, originOf } from "./source.ts";

/** The branches to take of some runs. */
export interface BranchRequest {
  /** Names of kinds, at least one. */
  readonly kinds: readonly string[];
  /** Levels of the runs; undefined: all finished ones but the dense one, or the dense one alone where there is no other. */
  readonly levels?: readonly number[] | undefined;
  /** Branch seeds of the kinds that use one, each taken once; undefined: {@link defaultBranchSeeds}. */
  readonly seeds?: readonly number[] | undefined;
  /** Another dataset. */
  readonly data?: BranchData | undefined;
  /** The run whose masks are transplanted. */
  readonly from?: BranchSource | undefined;
  /** Whether trained weights are stored; undefined: as in the run. */
  readonly keepTrained?: boolean | undefined;
}

/**
 * The branches of some runs as experiments, one for each kind and branch seed, whose seeds are those of the runs.
 * @param sources runs of one spec, at least one
 * @throws InputError when a level is not finished, what a kind needs is missing or does not fit, or there are too many runs
 */
export async function branchExperiments(
  sources: readonly BranchSource[],
  request: BranchRequest,
  files: Pick<Files, "sha256">,
): Promise<Experiment[]> {
  const { kinds, seeds } = askedBranches(sources, request);
  const experiments = new Map<string, Experiment>();
  for (const source of sources) {
    for (const kind of kinds) {
      for (const seed of kind.usesSeed ? seeds : [undefined]) {
        const one = await branchExperiment(source, kind, seed, request, files);
        const key = `${one.name}-${one.hash}`;
        const same = experiments.get(key);
        if (!same) experiments.set(key, one);
        else {
          experiments.set(key, {
            ...same,
            seeds: [...same.seeds, source.seed],
            prescribed: (of) => (of === source.seed ? one : same).prescribed?.(of),
          });
        }
      }
    }
  }
  return [...experiments.values()];
}

/**
 * Kinds and branch seeds that a request asks for, each once.
 * @throws InputError when a number is out of range, a kind lacks what it needs, the runs are not of one spec, or the branches
 * are too many
 */
export function askedBranches(
  sources: readonly BranchSource[],
  request: BranchRequest,
): { readonly kinds: readonly BranchKind[]; readonly seeds: readonly number[] } {
  const kinds = kindsOf(request);
  const given = request.seeds ?? defaultBranchSeeds;
  checkNumbers("branch seed", given);
  const seeds = [...new Set(given)];
  checkNumbers("level", request.levels ?? [0]);
  checkSources(sources);
  const runs = sources.length * kinds.reduce((sum, kind) => sum + (kind.usesSeed ? seeds.length : 1), 0);
  if (runs > mostRuns)
    throw new InputError(`the branches are ${runs} runs, at most ${mostRuns}: give fewer seeds or kinds`);
  return { kinds, seeds };
}

async function branchExperiment(
  source: BranchSource,
  kind: BranchKind,
  seed: number | undefined,
  { levels: wanted, data, from: given, keepTrained }: BranchRequest,
  files: Pick<Files, "sha256">,
): Promise<Experiment> {
  const levels = levelsOf(source, kind, wanted);
  const from = kind.needs === "from" ? given : undefined;
  if (from) checkTransplant(source, from, levels);
  const { initSha256, datasetSha256, rewind } = source.folder.record.spec;
  const own = levelsSpec(source, source.keys, levels);
  const plain = kind.needs === "data" && data ? otherData(source, data, levels) : own;
  const branch = {
    kind: kind.name,
    seed,
    levels,
    ...(typeof rewind === "string" && { rewind }),
    source: originOf(source),
    ...(from && { from: { ...originOf(from), seed: from.seed } }),
  };
  const spec = { ...plain, keepTrained: keepTrained ?? plain.keepTrained, branch };
  const { dataset } = spec.dataset;
  const contentHash = isDataPath(dataset) ? await files.sha256(dataset) : undefined;
  if (kind.needs !== "data" && datasetSha256 !== contentHash) {
    throw new InputError(
      `${dataset}: it is not the file that ${source.folder.path} was trained on; restore that one, or give another to --data`,
    );
  }
  if (kind.prunesOnce) checkOneShot(source, own);
  const identity = JSON.parse(
    JSON.stringify({ ...spec, ...(contentHash && { datasetSha256: contentHash }), initSha256 }),
  );
  return {
    name: branchName(source.folder.record.name, kind.name),
    spec,
    seeds: [source.seed],
    values: seed === undefined ? {} : { branch: seed },
    identity,
    hash: specHash(identity),
    prescribed: (of) => (of === source.seed ? prescribedLevels(spec, source, from) : undefined),
  };
}

/** The kinds asked for, each once, in the order of their registry. */
function kindsOf({ kinds, data, from }: BranchRequest): BranchKind[] {
  const asked = new Set(kinds.map((name) => branchKinds.get(name).name));
  const found = branchKinds.entries.filter(({ name }) => asked.has(name));
  const checks = [
    { need: "data", given: data, option: "--data", what: "a preset, a dataset or a file" },
    { need: "from", given: from, option: "--from", what: "the folder of another run" },
  ] as const;
  for (const { need, given, option, what } of checks) {
    const kind = found.find(({ needs }) => needs === need);
    if (kind && !given) throw new InputError(`${kind.name}: ${option} is missing; give ${option} <${what}>`);
    if (given && !kind) {
      const [name] = branchKinds.entries.flatMap(({ name, needs }) => (needs === need ? [name] : []));
      throw new InputError(`${option} is given and ${name} is not among the kinds; add ${name} or leave ${option} out`);
    }
  }
  return found;
}

function levelsOf(source: BranchSource, kind: BranchKind, wanted: readonly number[] | undefined): number[] {
  if (wanted) checkFinished(source, wanted);
  const all = source.levels.map(({ level }) => level);
  const levels = [...new Set(wanted ?? (all.length > 1 ? all.slice(1) : all))].sort((a, b) => a - b);
  if ((kind.mask || kind.needs === "from") && levels[0] === 0) {
    throw new InputError(`level 0 keeps all weights, so ${kind.name} changes nothing there; leave level 0 out`);
  }
  return kind.needs === "data" && levels[0] !== 0 ? [0, ...levels] : levels;
}

function checkNumbers(what: string, numbers: readonly number[]): void {
  if (numbers.length === 0) throw new InputError(`no ${what} is given; give one, such as 1`);
  if (numbers.length > mostSeeds) {
    throw new InputError(`${numbers.length} ${what}s are given, at most ${mostSeeds}; give fewer`);
  }
  const wrong = numbers.find((number) => !(Number.isInteger(number) && number >= 0 && number <= 0xffffffff));
  if (wrong !== undefined) {
    throw new InputError(`${what} ${wrong} is no integer from 0 to ${0xffffffff}; give one, such as 1`);
  }
}

/** @throws InputError unless the runs are of one spec, each once */
function checkSources(sources: readonly BranchSource[]): void {
  const [first] = sources;
  const seen = new Map<number, string>();
  for (const { folder, seed } of sources) {
    const { path, record } = folder;
    if (record.specHash !== first.folder.record.specHash || record.name !== first.folder.record.name) {
      throw new InputError(`${path}: its spec is not that of ${first.folder.path}; give runs of one spec`);
    }
    const same = seen.get(seed);
    if (same !== undefined) throw new InputError(`${path}: it has the seed ${seed}, as ${same}; give each seed once`);
    seen.set(seed, path);
  }
}

function checkTransplant(source: BranchSource, from: BranchSource, levels: readonly number[]): void {
  const [own, other] = [source.folder, from.folder];
  if (own.record.specHash === other.record.specHash && source.seed === from.seed) {
    throw new InputError(`${other.path}: it is the run itself, seed ${from.seed}; give the run of another seed`);
  }
  const [shape, wanted] = [other.record.spec.shape, own.record.spec.shape];
  if (!Array.isArray(shape) || !Array.isArray(wanted) || shape.join() !== wanted.join()) {
    const text = (value: unknown) => (Array.isArray(value) ? formatShape(value) : "no shape");
    throw new InputError(
      `${other.path}: it has ${text(shape)}, ${own.path} has ${text(wanted)}; give a run of that shape`,
    );
  }
  checkFinished(from, levels);
  for (const level of levels) {
    const [counted, counts] = [from, source].map(({ levels: own }) => keptText(own[level]));
    if (counted === counts) continue;
    throw new InputError(
      `${other.path}: level ${level} keeps ${counted}, that of ${own.path} keeps ${counts}; give a run with the same counts`,
    );
  }
}

function keptText(record: LevelRecord): string {
  const biases = biasesLeft(record);
  return `${record.remaining} weights${biases === undefined ? "" : ` and ${biases} biases`}`;
}

/** The spec of the source with other data. A file alone in the place of a file is read as that one was, by its tasks and options. */
function otherData(source: BranchSource, { where, keys }: BranchData, levels: readonly number[]) {
  const isFileForFile = [source.keys.dataset, keys.dataset].every((path) => isDataPath(String(path)));
  const keepsOptions = isFileForFile && Object.keys(keys).length === 1;
  const rest = Object.entries(source.keys).filter(
    ([key]) => keepsOptions || !dataKeys.includes(key) || key === "dataSeed",
  );
  const spec = levelsSpec(source, { ...Object.fromEntries(rest), ...keys }, levels, `--data ${where}`);
  if (canonicalJson(samplesKey(spec)) === canonicalJson(samplesKey(levelsSpec(source, source.keys, levels)))) {
    throw new InputError(
      `--data ${where}: it is the data of ${source.folder.path}; give others, such as another dataSeed`,
    );
  }
  return spec;
}
