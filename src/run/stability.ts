import type { ColumnRange } from "../base/columns.ts";
import { InputError } from "../base/errors.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { Engine } from "../engine/engine.ts";
import { order } from "../lottery/branch/kinds/order.ts";
import { instability, linePoints } from "../lottery/branch/line.ts";
import { type BranchSource, levelsSpec } from "../lottery/branch/source.ts";
import type { SplitErrors, SplitInstability, StabilityLine } from "../lottery/branch/stability_line.ts";
import { datasetOfTask, maskOfOutputs, parametersOfOutputs, shapeOfOutputs } from "../lottery/branch/task_network.ts";
import { openDataset } from "../lottery/dataset.ts";
import { type Evaluation, evaluate, evaluationData } from "../lottery/evaluation.ts";
import type { Spec } from "../lottery/spec.ts";
import { defaultActivation } from "../network/activations/index.ts";
import type { Parameters } from "../network/parameters.ts";
import { readRunFolder } from "../store/open_run.ts";
import { type BranchChoice, chosenEngine, openBranchSources, trainKinds } from "./branch.ts";
import { chooseEngines, openEngine } from "./engines.ts";
import { withDevice } from "./fresh_device.ts";
import type { EngineChoice, StabilityOptions } from "./options.ts";
import type { Platform } from "./platform.ts";
import type { BranchRuns, Stability } from "./result.ts";

const [defaultCopies, mostCopies] = [2, 20];
const [defaultPoints, mostPoints] = [30, 1000];

/**
 * Trains copies of the tickets of stored runs in other orders of the samples, stores them as branches of the kind `order`
 * with their trained weights, and measures loss and error along the line between every two copies of a ticket.
 * @param given as of `trainBranches`; without levels, all that each of these runs has finished
 * @throws InputError for a level that is not finished, or a number out of range; else as `runExperiments`
 */
export async function measureStability(
  platform: Platform,
  given: readonly string[],
  options: StabilityOptions,
): Promise<Stability> {
  const sources = await openBranchSources(platform, given);
  const { points, branches } = measuredCopies(sources, options);
  const trained = await trainKinds(platform, given, { ...options, ...branches });
  const choice = await chosenEngine(sources, options);
  const pairs = pairsOf(trained);
  const spec = levelsSpec(sources[0], sources[0].keys, [0]);
  const dataset = await openDataset(spec, platform.datasets);
  const { signal } = options;
  const lines = await withDevice(() => measureLines(platform, { spec, dataset, pairs, points, choice, signal }));
  return { ...trained, lines };
}

/**
 * The copies that a measurement trains, as branches, and the points of its lines.
 * @throws InputError when a number is out of range
 */
export function measuredCopies(
  sources: readonly BranchSource[],
  { levels, copies = defaultCopies, points = defaultPoints }: Pick<StabilityOptions, "levels" | "copies" | "points">,
): { readonly branches: BranchChoice; readonly points: number } {
  checkNumber("copies", copies, 2, mostCopies);
  checkNumber("points", points, 3, mostPoints);
  const common = Math.min(...sources.map((source) => source.levels.length));
  const branches = {
    kinds: [order.name],
    levels: levels ?? [...Array(common).keys()],
    seeds: [...Array(copies).keys()],
    keepTrained: true,
  };
  return { branches, points };
}

/** Two copies of the ticket of a level. */
type Pair = Pick<StabilityLine, "path" | "seed" | "level" | "copies" | "records"> & {
  /** Run folders of the copies. */
  readonly folders: readonly [string, string];
};

function pairsOf({ sources }: BranchRuns): Pair[] {
  return sources.flatMap(({ path, seed, branches }) =>
    (branches[0]?.levels ?? []).flatMap((_, index) =>
      branches.flatMap((first, k) =>
        branches.slice(k + 1).map((second): Pair => {
          const records = [first.levels[index], second.levels[index]] as const;
          return {
            ...{ path, seed, records, level: records[0].sourceLevel ?? index },
            copies: [first.branchSeed ?? 0, second.branchSeed ?? 0],
            folders: [String(first.folder), String(second.folder)],
          };
        }),
      ),
    ),
  );
}

/** What lines are measured with. */
interface Measured {
  readonly spec: Spec;
  readonly dataset: Dataset;
  readonly pairs: readonly Pair[];
  /** Points of a line. */
  readonly points: number;
  readonly choice: EngineChoice;
  readonly signal: AbortSignal | undefined;
}

/** Most points that an engine is planned to hold at once. */
const mostAtOnce = 64;

async function measureLines(platform: Platform, measured: Measured): Promise<StabilityLine[]> {
  const { spec, dataset, pairs, points, choice } = measured;
  if (pairs.length === 0) return [];
  // The engine gives one loss over all tasks, so each task is evaluated by itself, in the network with its outputs alone.
  const parts = [dataset.train, dataset.validation].flatMap((split) => {
    const evaluated = evaluationData(dataset, split, spec.batch);
    return dataset.tasks.map(({ outputs }, task): Part => ({ dataset: datasetOfTask(evaluated, task), outputs }));
  });
  const activation = spec.activation ?? defaultActivation;
  const works = parts.map((part) => {
    const network = { ...spec, shape: shapeOfOutputs(spec.shape, part.outputs), keepCurves: false };
    const networks = Array.from({ length: Math.min(mostAtOnce, points) }, () => network);
    return { dataset: part.dataset, activation, networks };
  });
  const { plans, device } = await chooseEngines(works, choice, platform, async () => []);
  try {
    const found: TaskScores[][][] = [];
    for (const [k, part] of parts.entries()) {
      const engine = openEngine(plans[k], device, platform);
      try {
        const lines: TaskScores[][] = [];
        for (const pair of pairs) lines.push(await scoresOnLine(platform, engine, part, pair, measured));
        found.push(lines);
      } finally {
        engine.close();
      }
    }
    const tasks = dataset.tasks.length;
    const lineOf = (firstPart: number, pair: number) =>
      Array.from({ length: points }, (_, point) =>
        errorsOf(found.slice(firstPart, firstPart + tasks).map((lines) => lines[pair][point])),
      );
    return pairs.map(({ folders: _, ...pair }, k): StabilityLine => {
      const [train, validation] = [lineOf(0, k), lineOf(tasks, k)];
      return {
        ...pair,
        weights: pair.records[0].remaining,
        instability: { train: riseOf(train), validation: riseOf(validation) },
        points: train.map((each, point) => ({
          alpha: point / (points - 1),
          train: each,
          validation: validation[point],
        })),
      };
    });
  } finally {
    device?.destroy();
  }
}

/** A split and a task: the dataset that has them as its validation samples and only task, and the outputs of the task. */
interface Part {
  readonly dataset: Dataset;
  readonly outputs: ColumnRange;
}

/** What a network comes to on the samples of a split, for one task. */
interface TaskScores {
  readonly task: string;
  readonly loss: number;
  readonly error: number;
}

/** Loss and error of a split and task at each point of the line of a pair. */
async function scoresOnLine(
  { files }: Platform,
  engine: Engine,
  { dataset, outputs }: Part,
  { seed, level, records, folders }: Pair,
  { spec: { batch }, points, signal }: Measured,
): Promise<TaskScores[]> {
  const copies = await Promise.all(folders.map((path) => readRunFolder(files, path)));
  const ends: Parameters[] = [];
  for (const [k, copy] of copies.entries()) {
    const parameters = await copy.readTrained(records[k].level);
    if (!parameters) throw new InputError(`${copy.path}: the trained weights of level ${records[k].level} are missing`);
    ends.push(parametersOfOutputs(parameters, outputs));
  }
  const whole = await copies[0].readLevelMask(records[0].level);
  if (!whole) throw new InputError(`${copies[0].path}: the mask of level ${records[0].level} is missing`);
  const mask = maskOfOutputs(whole, outputs);
  const found: TaskScores[] = [];
  const line = linePoints(ends[0], ends[1], points);
  const take = async () => {
    // The workers share the line, so that few of its points are in memory at once.
    for (const { point, parameters } of line) {
      signal?.throwIfAborted();
      const network = { label: `seed ${seed}`, seed, level, batch, start: parameters, mask };
      found[point] = scoresOf(await evaluate({ engine, dataset }, network));
    }
  };
  await Promise.all(Array.from({ length: Math.min(engine.slots, points) }, take));
  return found;
}

/** @param evaluation of one task */
function scoresOf({ loss, scores: { valAccuracy } }: Evaluation): TaskScores {
  const [[task, score]] = Object.entries(valAccuracy);
  return { task, loss, error: 1 - score };
}

/** @param tasks at least one */
function errorsOf(tasks: readonly TaskScores[]): SplitErrors {
  const mean = (of: (scores: TaskScores) => number) => tasks.reduce((sum, each) => sum + of(each), 0) / tasks.length;
  return {
    lossByTask: Object.fromEntries(tasks.map(({ task, loss }) => [task, loss])),
    loss: mean(({ loss }) => loss),
    errorByTask: Object.fromEntries(tasks.map(({ task, error }) => [task, error])),
    error: mean(({ error }) => error),
  };
}

function riseOf(line: readonly SplitErrors[]): SplitInstability {
  const byTask = (of: (errors: SplitErrors) => Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.keys(of(line[0])).map((task) => [task, instability(line.map((each) => of(each)[task]))]));
  return {
    lossByTask: byTask(({ lossByTask }) => lossByTask),
    loss: instability(line.map(({ loss }) => loss)),
    errorByTask: byTask(({ errorByTask }) => errorByTask),
    error: instability(line.map(({ error }) => error)),
  };
}

function checkNumber(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new InputError(`${what} ${value} is no integer from ${least} to ${most}; give one, such as ${least + 1}`);
}
