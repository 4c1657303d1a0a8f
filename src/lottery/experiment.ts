import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { sha256 } from "../base/sha256.ts";
import { isDataPath } from "../dataset/registry.ts";
import { canonicalJson, specHash } from "../store/spec_hash.ts";
import { type GridInput, gridPoints, mostRuns } from "./grid.ts";
import { resolveSpec, type Spec } from "./spec.ts";
import { exampleSpec } from "./spec_schema.ts";
import { overrideSpec } from "./spec_text.ts";

/** One spec and the seeds that it is run with. */
export interface Experiment {
  /** First part of its folder's name. */
  readonly name: string;
  readonly spec: Spec;
  readonly seeds: readonly number[];
  /** The keys that set it apart from the other experiments of its name, and their values: `{ extension: 7 }`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What its run folders are checked by: the spec, and the content of the files that it points at. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Of the identity; second part of its folder's name. */
  readonly hash: string;
}

/** Specs or grids as they were given, under a name. */
export interface NamedGrids {
  readonly name: string;
  /** Names the file or preset in messages. */
  readonly where: string;
  /** One grid or several, not yet checked. */
  readonly grids: unknown;
}

/**
 * Resolves grids to experiments: one for each point, those that are the same spec under the same name only once.
 * @param set laid over the keys of every grid
 * @param init path of the weights that every run starts from
 * @throws InputError naming file or preset, key, value and bound
 */
export async function resolveExperiments(
  given: readonly NamedGrids[],
  set: Readonly<Partial<GridInput>>,
  files: Pick<Files, "read">,
  init?: string,
): Promise<Experiment[]> {
  const points = given.flatMap((one) => pointsOf(one, set));
  const hashes = new Map<string, string>();
  const contentHash = async (path: string) => {
    const known = hashes.get(path) ?? (await sha256(await files.read(path)));
    hashes.set(path, known);
    return known;
  };

  const experiments = new Map<string, Omit<Experiment, "values"> & Written>();
  for (const { name, where, keys } of points) {
    const { spec, seeds } = resolveSpec(keys, where);
    const identity = JSON.parse(
      JSON.stringify({
        ...spec,
        ...(isDataPath(spec.dataset.dataset) && { datasetSha256: await contentHash(spec.dataset.dataset) }),
        ...(init !== undefined && { initSha256: await contentHash(init) }),
      }),
    );
    const hash = await specHash(identity);
    const twin = experiments.get(`${name}-${hash}`);
    const all = [...new Set([...(twin?.seeds ?? []), ...seeds])];
    experiments.set(`${name}-${hash}`, { ...(twin ?? { name, spec, identity, hash, keys }), seeds: all });
  }
  const found = [...experiments.values()];
  const runs = found.reduce((sum, { seeds }) => sum + seeds.length, 0);
  if (runs > mostRuns) {
    throw new InputError(`the experiments come to ${runs} runs, at most ${mostRuns}: give fewer values or seeds`);
  }
  const varied = new Map<string, readonly string[]>();
  for (const name of new Set(found.map((one) => one.name))) {
    varied.set(name, variedKeys(found.filter((one) => one.name === name)));
  }
  return found.map((one) => {
    const { keys: _, ...experiment } = one;
    const keys = varied.get(experiment.name) ?? [];
    return { ...experiment, values: Object.fromEntries(keys.map((key) => [key, valueIn(one, key)])) };
  });
}

function pointsOf({ name, where, grids }: NamedGrids, set: Readonly<Partial<GridInput>>) {
  const list: readonly unknown[] = Array.isArray(grids) ? grids : [grids];
  if (list.length === 0) throw new InputError(`${where}: an empty list of specs: give at least one`);
  return list.flatMap((grid) => {
    if (typeof grid !== "object" || grid === null || Array.isArray(grid)) {
      throw new InputError(`${where}: a spec is a JSON object such as ${exampleSpec}, got ${JSON.stringify(grid)}`);
    }
    return gridPoints(overrideSpec({ ...grid }, set), where).map((keys) => ({ name, where, keys }));
  });
}

/** A spec as it was written and as it was resolved. */
interface Written {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly spec: Spec;
}

/** The value of a key, a default where it was not written. */
function valueIn({ keys, spec }: Written, key: string): unknown {
  return keys[key] ?? spec[key as keyof Spec];
}

/** The keys, seeds aside, whose values differ. */
function variedKeys(specs: readonly Written[]): string[] {
  const keys = new Set(specs.flatMap((one) => Object.keys(one.keys)));
  keys.delete("seeds");
  const text = (value: unknown) => (value === undefined ? "" : canonicalJson(value));
  return [...keys].filter((key) => new Set(specs.map((one) => text(valueIn(one, key)))).size > 1);
}
