import { InputError } from "../base/errors.ts";
import { JsonError, parseJsonText } from "../base/json.ts";
import { shown } from "../base/visible.ts";
import { datasetEntry, datasetOptions, datasets, isDataPath } from "../dataset/registry.ts";
import { optimizers } from "../network/optimizers/index.ts";
import { mostRuns } from "./grid.ts";
import { listKeys, mostSeeds } from "./spec_schema.ts";

/**
 * Turns `key=value` of the command line or an address into a spec's value: numbers, true and false, lists (`4,8,8,2`), ranges
 * of integers (`0..3`); anything else stays text. Several values make a grid: scalars with commas between them or a range,
 * lists with slashes (`4,8,8,2/4,16,16,2`). `tasks`, whose text has commas, takes one, as text or as JSON.
 */
export function parseSpecValue(key: string, text: string): unknown {
  if (key === "tasks") return tasksOf(text);
  if (key === "seeds") return listOf(text);
  if (listKeys.includes(key)) {
    const lists = text.split("/");
    return lists.length > 1 ? lists.map(listOf) : listOf(text);
  }
  if (key === "schedule") {
    // A comma within milestones comes before a number, one between schedules before a name.
    const several = text.split(/,(?=\s*[^\s\d])/).map((one) => one.trim());
    return several.length > 1 ? several : text;
  }
  const isOne = !text.includes(",") && rangeOf(text) === undefined;
  return isOne ? scalarOf(text) : listOf(text);
}

function tasksOf(text: string): unknown {
  if (!/^\s*\[/.test(text)) return text;
  try {
    return parseJsonText(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InputError(
      `tasks: ${shown(text)} is ${error.message}; give JSON such as [{"name":"a","inputs":["x1","x2"],"targets":["y1"]}]`,
    );
  }
}

function listOf(text: string): unknown[] {
  const values: unknown[] = [];
  for (const part of text.replace(/^\s*\[(.*)\]\s*$/s, "$1").split(",")) {
    values.push(...(rangeOf(part) ?? [scalarOf(part.trim())]));
    // Ranges are short texts for many values.
    if (values.length > mostRuns) throw new InputError(`"${shown(text)}" has more than ${mostRuns} values: give fewer`);
  }
  return values;
}

function scalarOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
}

function rangeOf(text: string): number[] | undefined {
  const range = /^\s*(\d+)\.\.(\d+)\s*$/.exec(text);
  if (!range) return undefined;
  const [first, last] = [Number(range[1]), Number(range[2])];
  if (last < first || last - first >= mostSeeds) return undefined;
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/**
 * Lays a person's keys over a preset's or file's. Keys that exclude each other follow the person: a shape replaces base and
 * extension and the other way round, as steps do with epochs, and two of rate, levels and target replace the third. Another
 * dataset or optimiser leaves out what it does not take.
 */
export function overrideSpec(under: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>) {
  const kept: Record<string, unknown> = { ...under };
  if ("shape" in over) {
    delete kept.base;
    delete kept.extension;
  }
  if ("base" in over || "extension" in over) {
    delete kept.shape;
    delete kept.levels;
    delete kept.target;
  }
  const datasetKeys = takenBy(over.dataset, isDataset, (name) => Object.keys(datasetEntry(name).options));
  if (datasetKeys) for (const key of Object.keys(datasetOptions)) if (!datasetKeys.has(key)) delete kept[key];
  const takes = takenBy(
    over.optimizer,
    (name) => optimizers.has(name),
    (name) => (optimizers.get(name).takesMomentum ? ["momentum"] : []),
  );
  if (takes && !takes.has("momentum")) delete kept.momentum;
  if ("maxSteps" in over) delete kept.maxEpochs;
  if ("maxEpochs" in over) delete kept.maxSteps;
  const numbers = ["rate", "levels", "target"];
  if (numbers.filter((key) => key in over).length >= 2) for (const key of numbers) delete kept[key];
  return { ...kept, ...over };
}

const isDataset = (name: string) => datasets.has(name) || isDataPath(name);

/**
 * The keys that every one of the given choices takes; undefined where none is given, or one is not known.
 * @param given a name, or several of a grid
 */
function takenBy(
  given: unknown,
  isKnown: (name: string) => boolean,
  keysOf: (name: string) => readonly string[],
): Set<string> | undefined {
  const names: unknown[] = Array.isArray(given) ? given : [given];
  if (!names.every((name) => typeof name === "string" && isKnown(name))) return undefined;
  const [first, ...others] = (names as string[]).map((name) => new Set(keysOf(name)));
  return first && new Set([...first].filter((key) => others.every((keys) => keys.has(key))));
}
