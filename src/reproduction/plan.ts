import { InputError } from "../base/errors.ts";
import type { GridInput } from "../lottery/grid.ts";
import { parseSpecValue } from "../lottery/spec_text.ts";
import { type Experiment, experiments } from "./experiments.ts";

/** How much of an experiment to run. */
export interface PlanRequest {
  readonly scale: "full" | "small";
  /** Extension levels as `0..16`; all by default. */
  readonly extensions?: string | undefined;
  /** Keys to lay over every spec. All but `seeds` are departures from the thesis. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** An experiment, cut to what is asked for. */
export interface Plan {
  readonly experiment: Experiment;
  readonly scale: "full" | "small";
  /** Keys that depart from the experiment, with their values. */
  readonly departures: Readonly<Record<string, unknown>>;
  readonly grids: readonly GridInput[];
  /** Keys to lay over every grid, seeds included. */
  readonly set: Readonly<Record<string, unknown>>;
}

/**
 * Looks an experiment up and cuts it to what is asked for; the keys of `set` are checked where the grids are run.
 * @throws InputError when there is no such experiment, or it has no such extension levels or scale
 */
export function planExperiment(name: string, { scale, extensions, set }: PlanRequest): Plan {
  const experiment = experiments.find((each) => each.name === name);
  if (!experiment) {
    throw new InputError(
      `experiment "${name}" is not known: choose ${experiments.map((each) => each.name).join(", ")}; --list tells what they are`,
    );
  }
  if (scale === "small" && !experiment.small) {
    const scaled = experiments.filter((each) => each.small).map((each) => each.name);
    throw new InputError(`--scale small: ${name} has one scale only; leave it out, or choose ${scaled.join(", ")}`);
  }
  const { seeds = experiment.seeds, ...departures } = set;
  const grids = experiment.grids.map((grid) =>
    extensions === undefined ? grid : withExtensions(name, grid, extensions),
  );
  const small = scale === "small" ? experiment.small : {};
  return { experiment, scale, departures, grids, set: { ...small, ...departures, seeds } };
}

/** Keeps the extension levels that are asked for. */
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
      `--extensions ${text}: ${name} has the extension levels ${there[0]} to ${there[there.length - 1]}, not ${JSON.stringify(unknown)}; choose among them`,
    );
  }
  return { ...grid, extension: asked };
}
