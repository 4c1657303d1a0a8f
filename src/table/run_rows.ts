import { densityOf } from "../analysis/measures/density.ts";
import { effectiveDensityOf } from "../analysis/measures/effective_density.ts";
import { measures } from "../analysis/measures/measures.ts";
import { readableSpec } from "../report/run_specs.ts";
import { type LevelRecord, levelFieldType } from "../store/level_record.ts";
import { runFieldType } from "../store/run_record.ts";
import type { StoredRun } from "../store/stored_run.ts";
import { type ColumnType, variedPrefix } from "./columns.ts";
import { type CellValue, flatten, type Row } from "./flatten.ts";

/**
 * One row for each finished level of a run: what names the run, its spec, the fields of the level's record, those included
 * that this version does not know, and its densities by unpruned and by active weights.
 */
export function* levelRows(run: StoredRun): Generator<Row> {
  const own = runCells(run);
  for (const record of run.levels) yield new Map([...own, ...levelCells(record)]);
}

/**
 * The row of a run: what names it, its spec, `levels`, `epochs` and `steps` in all, `lastWinningLevel`, and the fields
 * of its first separated level and of its last level, after `separated.` and `last.`.
 */
export function runRow(run: StoredRun): Row {
  const { levels } = run;
  const total = (of: (record: LevelRecord) => number) => levels.reduce((sum, record) => sum + of(record), 0);
  const { outcome: _, levels: __, ...others } = run.folder.record.outcome ?? {};
  return new Map<string, CellValue>([
    ...runCells(run),
    ["levels", levels.length],
    ["epochs", total(({ epochs }) => epochs)],
    ["steps", total(({ steps }) => steps)],
    ["lastWinningLevel", levels.findLast(({ winning }) => winning)?.level],
    ...flatten(others, "outcome."),
    ...levelCells(
      levels.find(({ state }) => state === "separated"),
      "separated.",
    ),
    ...levelCells(levels.at(-1), "last."),
  ]);
}

/** The fields of a level's record and its densities. */
function levelCells(record: LevelRecord | undefined, prefix = ""): [string, CellValue][] {
  if (!record) return [];
  const { weights } = record;
  return flatten({ ...record, density: densityOf(weights), effectiveDensity: effectiveDensityOf(weights) }, prefix);
}

/** The type of a column of {@link levelRows} or {@link runRow} that the records' fields have; undefined for others. */
export function knownColumnType(name: string): ColumnType | undefined {
  if (/^(separated\.|last\.)?(density|effectiveDensity)$/.test(name)) return { kind: "double" };
  const [, measure] = /^(?:separated\.|last\.)?measures\.([^.]+)$/.exec(name) ?? [];
  if (measure !== undefined) {
    const isMatrix = measures.has(measure) && measures.get(measure).isMatrix;
    return isMatrix ? { kind: "list", depth: 2, of: "double" } : { kind: "double" };
  }
  const type = name.startsWith("run.")
    ? runFieldType(name.slice("run.".length))
    : levelFieldType(name.replace(/^(separated|last)\./, ""));
  // Counts have the narrowest type that holds them, in lists that of all numbers.
  if (!type || (type.of === "count" && type.depth === 0)) return undefined;
  const of = { count: "double", number: "double", boolean: "boolean", text: "string" } as const;
  return type.depth === 0 ? { kind: of[type.of] } : { kind: "list", depth: type.depth, of: of[type.of] };
}

/** The cells that name a run: all fields of `run.json` but for its tasks, what seals its files, and its format. */
function runCells({ folder, outcome }: StoredRun): [string, CellValue][] {
  const { name, specHash, seed, spec, format: _f, tasks: _t, outcome: _o, ...more } = folder.record;
  const { checksums: _c, lines: _l, finished: _n, former: _p, ...others } = more;
  return [
    ["name", name],
    ["specHash", specHash],
    ["seed", seed],
    ["outcome", outcome],
    ["folder", folder.path],
    ...flatten(readableSpec(spec), variedPrefix),
    ...flatten(others, "run."),
  ];
}
