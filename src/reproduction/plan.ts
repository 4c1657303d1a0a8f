import { InputError } from "../base/errors.ts";
import { shownJson } from "../base/visible.ts";
import type { GridInput } from "../lottery/grid.ts";
import { readNumbers } from "../lottery/numbers.ts";
import { parseSpecValue } from "../lottery/spec_text.ts";
import { frankleCarbin } from "./frankle_carbin/experiment.ts";
import { type ThesisExperiment, thesisExperiments } from "./thesis_experiments.ts";

/** How much of an experiment to run. */
export interface PlanRequest {
  readonly scale: "full" | "small";
  /** Extension levels as `0..16`; all by default. */
  readonly extensions?: string | undefined;
  /** Seeds of the data sets as `0..5`; by default the one of the spec. */
  readonly dataSeeds?: string | undefined;
  /** Keys that replace those of every spec. All except `seeds` are departures from the thesis. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** An experiment, restricted to the request. */
export interface Plan {
  readonly experiment: ThesisExperiment;
  readonly scale: "full" | "small";
  /** Keys that depart from the experiment, with their values. */
  readonly departures: Readonly<Record<string, unknown>>;
  readonly grids: readonly GridInput[];
  /** Keys that replace those of every grid, including the seeds. */
  readonly set: Readonly<Record<string, unknown>>;
}

/**
 * Finds an experiment and restricts it to the request; the keys of `set` are checked when the grids run.
 * @throws InputError when there is no such experiment, or it has no such extension levels or scale
 */
export function planExperiment(name: string, { scale, extensions, dataSeeds, set: given }: PlanRequest): Plan {
  const experiment = thesisExperiments.find((each) => each.name === name);
  if (!experiment) {
    throw new InputError(
      `experiment "${name}" is not known: choose ${[...thesisExperiments, frankleCarbin].map((each) => each.name).join(", ")}; --list describes them`,
    );
  }
  if (scale === "small" && !experiment.small) {
    const scaled = thesisExperiments.filter((each) => each.small).map((each) => each.name);
    throw new InputError(`--scale small: ${name} has one scale only; leave it out, or choose ${scaled.join(", ")}`);
  }
  if (dataSeeds !== undefined && given.dataSeed !== undefined) {
    throw new InputError(
      `--data-seeds ${dataSeeds}: --set gives dataSeed ${shownJson(given.dataSeed)} too; leave one of them out`,
    );
  }
  // The schema checks the bounds of the seeds.
  const set =
    dataSeeds === undefined ? given : { ...given, dataSeed: [...new Set(readNumbers("--data-seeds", dataSeeds))] };
  const { seeds = experiment.seeds, ...departures } = set;
  const grids = experiment.grids.map((grid) =>
    extensions === undefined ? grid : withExtensions(name, grid, extensions),
  );
  const small = scale === "small" ? experiment.small : {};
  return { experiment, scale, departures, grids, set: { ...small, ...departures, seeds } };
}

/** Keeps the extension levels of the request. */
function withExtensions(name: string, grid: GridInput, text: string): GridInput {
  const there = grid.extension;
  if (!Array.isArray(there)) {
    throw new InputError(`--extensions ${text}: ${name} is no network extension; leave it out`);
  }
  // Seeds are read by the same rule: integers, lists and ranges.
  const asked = parseSpecValue("seeds", text) as number[];
  const unknown = asked.find((level) => !there.includes(level));
  if (unknown !== undefined) {
    throw new InputError(
      `--extensions ${text}: ${name} has the extension levels ${there[0]} to ${there[there.length - 1]}, not ${shownJson(unknown)}; choose among them`,
    );
  }
  return { ...grid, extension: asked };
}
