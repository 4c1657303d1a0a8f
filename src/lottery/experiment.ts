import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { shownJson } from "../base/visible.ts";
import { isDataPath } from "../dataset/registry.ts";
import { canonicalJson, specHash } from "../store/spec_hash.ts";
import { type GridInput, gridPoints, mostRuns } from "./grid.ts";
import type { PrescribedLevels } from "./prescribed.ts";
import { resolveSpec, type Spec } from "./spec.ts";
import { exampleSpec } from "./spec_schema.ts";
import { overrideSpec } from "./spec_text.ts";

/** One spec and its seeds. */
export interface Experiment {
  /** First part of the folder name. */
  readonly name: string;
  readonly spec: Spec;
  readonly seeds: readonly number[];
  /** The keys that differ between the experiments of this name, with the values of this one: `{ extension: 7 }`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Identifies the experiment when a run folder is reopened: the spec, and hashes of the files that it refers to. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Hash of the identity; second part of the folder name. */
  readonly hash: string;
  /** Of a branch: what the levels of the run of a seed start from. */
  readonly prescribed?: ((seed: number) => PrescribedLevels | undefined) | undefined;
}

/** Specs or grids as given, with a name. */
export interface NamedGrids {
  readonly name: string;
  /** File or preset, for error messages. */
  readonly where: string;
  /** One grid or several, not yet checked. */
  readonly grids: unknown;
}

/**
 * Resolves grids to experiments, one for each point. Points with the same name and spec become one experiment.
 * @param set keys that replace those of every grid
 * @param init path of the initial weights of all runs
 * @throws InputError that names the file or preset, the key, its value and its bound
 */
export async function resolveExperiments(
  given: readonly NamedGrids[],
  set: Readonly<Partial<GridInput>>,
  files: Pick<Files, "sha256">,
  init?: string,
): Promise<Experiment[]> {
  const points = given.flatMap((one) => pointsOf(one, set));
  const hashes = new Map<string, string>();
  const contentHash = async (path: string) => {
    const known = hashes.get(path) ?? (await files.sha256(path));
    hashes.set(path, known);
    return known;
  };

  const experiments = new Map<string, Omit<Experiment, "values"> & Written>();
  for (const { name, where, keys } of points) {
    const { spec, seeds } = resolveSpec(keys, where);
    if (init !== undefined && spec.initSeed !== undefined) {
      throw new InputError(
        `${where}: initSeed ${spec.initSeed} contradicts the initial weights of ${init}: leave one of the two out`,
      );
    }
    const identity = JSON.parse(
      JSON.stringify({
        ...spec,
        ...(isDataPath(spec.dataset.dataset) && { datasetSha256: await contentHash(spec.dataset.dataset) }),
        ...(init !== undefined && { initSha256: await contentHash(init) }),
      }),
    );
    const hash = specHash(identity);
    const same = experiments.get(`${name}-${hash}`);
    const all = [...new Set([...(same?.seeds ?? []), ...seeds])];
    experiments.set(`${name}-${hash}`, { ...(same ?? { name, spec, identity, hash, keys }), seeds: all });
  }
  const found = [...experiments.values()];
  const runs = found.reduce((sum, { seeds }) => sum + seeds.length, 0);
  if (runs > mostRuns) {
    throw new InputError(`the experiments have ${runs} runs, at most ${mostRuns}: give fewer values or seeds`);
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
      throw new InputError(`${where}: a spec is a JSON object such as ${exampleSpec}, got ${shownJson(grid)}`);
    }
    return gridPoints(overrideSpec({ ...grid }, set), where).map((keys) => ({ name, where, keys }));
  });
}

/** A spec as written and as resolved. */
interface Written {
  readonly keys: Readonly<Record<string, unknown>>;
  readonly spec: Spec;
}

/** The value of a key as written, else its default. */
function valueIn({ keys, spec }: Written, key: string): unknown {
  return keys[key] ?? spec[key as keyof Spec];
}

/** The keys with different values, except `seeds`. */
function variedKeys(specs: readonly Written[]): string[] {
  const keys = new Set(specs.flatMap((one) => Object.keys(one.keys)));
  keys.delete("seeds");
  const text = (value: unknown) => (value === undefined ? "" : canonicalJson(value));
  return [...keys].filter((key) => {
    const first = valueIn(specs[0], key);
    const firstText = text(first);
    // Points of a grid share most values, so few are written out.
    return specs.some((one) => {
      const value = valueIn(one, key);
      return value !== first && text(value) !== firstText;
    });
  });
}
