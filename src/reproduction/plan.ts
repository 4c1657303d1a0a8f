import { InputError } from "../base/errors.ts";
import { overrideSpec, parseSpecValue } from "../lottery/spec.ts";
import { type Experiment, experiments, type Grid } from "./experiments.ts";

/** How much of an experiment to run. */
export interface PlanRequest {
  readonly scale: "full" | "small";
  /** Model seeds as `0..99`; the experiment's own by default. */
  readonly seeds?: string | undefined;
  /** Extension levels as `0..16`; all by default. */
  readonly extensions?: string | undefined;
  /** Keys laid over every spec: departures from the thesis. */
  readonly set: Readonly<Record<string, unknown>>;
}

/** An experiment, cut to what is asked for. */
export interface Plan {
  readonly experiment: Experiment;
  readonly scale: "full" | "small";
  readonly set: Readonly<Record<string, unknown>>;
  /** What to run, seeds included. */
  readonly grids: readonly Grid[];
}

/**
 * Looks an experiment up and cuts it to what is asked for.
 * @throws InputError when there is no such experiment, or it has no such extension levels or scale
 */
export function planExperiment(name: string, { scale, seeds, extensions, set }: PlanRequest): Plan {
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
  const over = { ...(scale === "small" ? experiment.small : {}), ...set };
  const grids = experiment.grids.map((grid) => ({
    ...overrideSpec(extensions === undefined ? grid : withExtensions(name, grid, extensions), over),
    seeds: seeds === undefined ? experiment.seeds : parseSpecValue("seeds", seeds),
  }));
  return { experiment, scale, set, grids };
}

/** Keeps the extension levels that are asked for. */
function withExtensions(name: string, grid: Grid, text: string): Grid {
  const there = grid.extension;
  if (!Array.isArray(there)) {
    throw new InputError(`--extensions ${text}: ${name} is no network extension; leave it out`);
  }
  // Seeds are read by the same rule: integers, lists and ranges.
  const asked = parseSpecValue("seeds", text) as unknown[];
  const unknown = asked.find((level) => !there.includes(level));
  if (unknown !== undefined) {
    throw new InputError(
      `--extensions ${text}: ${name} has the extension levels ${there[0]} to ${there[there.length - 1]}, not ${JSON.stringify(unknown)}; choose among them`,
    );
  }
  return { ...grid, extension: asked };
}
