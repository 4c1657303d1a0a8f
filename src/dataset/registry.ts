import type * as z from "zod";
import { InputError, invariant } from "../base/errors.ts";
import { Registry } from "../base/registry.ts";
import type { UnionToIntersection } from "../base/union_to_intersection.ts";
import { boolean } from "./boolean.ts";
import { circles } from "./circles.ts";
import { curveSet } from "./curve_set.ts";
import { csvFile, npzFile } from "./data_files.ts";
import type { DatasetEntry, OptionsOf } from "./entry.ts";
import { imageSets } from "./image_sets.ts";
import { moons } from "./moons.ts";
import { moonsCirclesSet } from "./moons_circles.ts";
import { planes } from "./planes.ts";
import { spirals } from "./spirals.ts";

const named = [
  moonsCirclesSet,
  curveSet("spirals", "two interleaved spirals: one binary task in the plane", [spirals]),
  curveSet("moons-circles-spirals", "circles, moons and spirals: three binary tasks in the plane", [
    circles,
    moons,
    spirals,
  ]),
  planes,
  boolean,
  ...imageSets,
] as const;

const files = [csvFile, npzFile] as const;

/** The datasets known by name. */
export const datasets = new Registry<DatasetEntry>("dataset", named);

/** The kinds of files that hold a user's own data; the name of each is its ending, without the dot. */
export const dataFiles = new Registry<DatasetEntry>("kind of file", files);

/** Other endings of tables as text, such as `numpy.savetxt`, spreadsheets and collections of data give them. */
const tableEndings = ["tsv", "txt", "dat", "data"];

/** The file endings of own data as a list for a sentence: `.csv, .tsv or .npz`. */
export const dataEndings = [csvFile.name, ...tableEndings]
  .map((name) => `.${name}`)
  .join(", ")
  .concat(` or .${npzFile.name}`);

/** The kind of file by the ending of a path, in upper or lower case; undefined for other endings. */
function dataFileOf(given: string): DatasetEntry | undefined {
  const ending = /\.([^./]+)$/.exec(given)?.[1].toLowerCase();
  if (ending === undefined) return undefined;
  if (tableEndings.includes(ending)) return csvFile;
  return dataFiles.has(ending) ? dataFiles.get(ending) : undefined;
}

/** True for a path of own data, false for a name. */
export function isDataPath(given: string): boolean {
  return dataFileOf(given) !== undefined;
}

/**
 * The entry for a spec's `dataset`.
 * @param given a name, or the path of own data
 * @throws InputError that lists the names when it is neither
 */
export function datasetEntry(given: string): DatasetEntry {
  const entry = dataFileOf(given) ?? (datasets.has(given) ? datasets.get(given) : undefined);
  if (!entry) {
    throw new InputError(
      `dataset "${given}" is not known: give ${datasets.names.join(", ")}, or a path that ends in ${dataEndings}`,
    );
  }
  return entry;
}

type Schemas = UnionToIntersection<(typeof named | typeof files)[number]["options"]>;

/** The options of all datasets. */
export type DatasetOptions = OptionsOf<Schemas>;

/** Schemas of the options of some entries by key, in the order of the entries. */
function schemasOf(entries: readonly DatasetEntry[]): z.ZodRawShape {
  const schemas: Record<string, z.ZodRawShape[string]> = {};
  for (const { name, options } of entries) {
    for (const [key, schema] of Object.entries(options)) {
      schemas[key] ??= schema;
      invariant(schemas[key] === schema, `${name} gives the option ${key} a second meaning`);
    }
  }
  return schemas;
}

/** Schemas of the options of all datasets by key. */
export const datasetOptions = schemasOf([...named, ...files]) as Schemas;

/** Keys of the options of datasets known by name: those that work without a file system. */
export const namedDatasetKeys: readonly string[] = Object.keys(schemasOf(named));
