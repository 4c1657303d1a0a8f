import { compareNaturally } from "../store/natural_order.ts";
import type { JsonObject } from "../store/run_record.ts";
import { canonicalJson } from "../store/spec_hash.ts";
import { formatValue } from "./population_table.ts";
import type { ReportedRun } from "./reported_run.ts";

/** A key of the runs' specs with its value, or its values where they differ. */
export interface SpecEntry {
  readonly key: string;
  readonly value: string;
}

/**
 * The keys of a spec that do not follow from others: in a network extension, shape and weights by level follow from
 * base, rate and level.
 */
export function readableSpec(spec: JsonObject): Record<string, unknown> {
  const { extension, dataset, remaining, counts, ...keys } = spec;
  const last = Array.isArray(remaining) ? remaining.at(-1) : undefined;
  const target = counts === "active" ? `active:${last}` : last;
  const options = typeof dataset === "object" && dataset !== null ? dataset : { dataset };
  if (typeof extension === "object" && extension !== null) {
    const { base, level, rate } = extension as { base: unknown; level: unknown; rate: unknown };
    const { shape: _, ...rest } = keys;
    return { ...options, base, extension: level, rate, ...(counts === "active" && { target }), ...rest };
  }
  const planned = Array.isArray(remaining) ? { levels: remaining.length - 1, target } : {};
  const { shape, ...rest } = keys;
  return { ...options, shape, ...planned, ...rest };
}

/** Every key of the specs of some runs; where values differ, all of them in the order of the runs. */
export function specEntries(runs: readonly ReportedRun[]): SpecEntry[] {
  const specs = runs.map(({ spec }) => readableSpec(spec));
  return [...new Set(specs.flatMap((spec) => Object.keys(spec)))].map((key) => {
    const values = [...new Set(specs.map((spec) => formatValue(spec[key]) || "none"))];
    const isRange = values.length > 3 && values.every((value, i) => Number(value) === Number(values[0]) + i);
    return { key, value: isRange ? `${values[0]}..${values[values.length - 1]}` : values.join(" | ") };
  });
}

/** The keys by which the specs of some runs differ, in the order of the spec. */
export function variedKeys(runs: readonly ReportedRun[]): string[] {
  const specs = runs.map(({ spec }) => readableSpec(spec));
  const text = (value: unknown) => (value === undefined ? "" : canonicalJson(value));
  return [...new Set(specs.flatMap((spec) => Object.keys(spec)))].filter(
    (key) => new Set(specs.map((spec) => text(spec[key]))).size > 1,
  );
}

/** Sorts runs by name, then by the keys in which they differ, then by seed, in natural order. */
export function inOrder(runs: readonly ReportedRun[]): ReportedRun[] {
  const varied = variedKeys(runs);
  const place = (run: ReportedRun) => [run.name, ...varied.map((key) => specValue(run, key)), run.seed].join("\n");
  return runs.toSorted((a, b) => compareNaturally(place(a), place(b)));
}

/** A run's value of a key, as it is written after `--set`; empty if it has none. */
export function specValue(run: ReportedRun, key: string): string {
  return formatValue(readableSpec(run.spec)[key]);
}
