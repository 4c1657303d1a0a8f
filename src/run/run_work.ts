import { DeviceError } from "../base/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { CheckpointTurns } from "../lottery/checkpoint_turns.ts";
import { datasetFor } from "../lottery/dataset.ts";
import type { Evaluator } from "../lottery/evaluation.ts";
import { type PopulationRun, type RunEnd, runPopulation } from "../lottery/population.ts";
import { startsTrained } from "../lottery/rewind.ts";
import { MemoryFiles } from "../store/memory.ts";
import type { EngineWork, RunPlace } from "./engine_work.ts";
import { openEngine } from "./engines.ts";
import { mayPass, mostRestarts, openFreshDevice } from "./fresh_device.ts";
import { LockedFolder } from "./locked_folder.ts";
import type { RunOptions } from "./options.ts";
import type { Platform } from "./platform.ts";
import { folderOf, type Population } from "./population.ts";
import { Restarts } from "./restarts.ts";

/**
 * Trains the runs of one engine. When its device fails, the runs that have not ended go on from their last finished levels
 * and checkpoints on a fresh device, with the bytes that they have without the failure. Runs that store nothing on disk
 * have their folders in memory for this.
 * @throws DeviceError when devices fail more often than {@link mostRestarts} without anything gained, when no fresh device
 * of the same adapter can be had, or when a call was refused as invalid, which is a fault of this package
 */
export async function runWork(
  platform: Platform,
  population: Population,
  work: EngineWork,
  checkpoints: CheckpointTurns | undefined,
  options: RunOptions,
): Promise<RunEnd[]> {
  const { places } = work;
  const { signal } = options;
  const restarts = new Restarts(checkpoints);
  const inMemory = new Map<RunPlace, MemoryFiles>();
  const ends = new Map<RunPlace, RunEnd>();
  for (;;) {
    const left = places.filter((place) => !ends.has(place));
    try {
      await onEngines(platform, population, work, async (engine, test) => {
        const runs = left.map((place) =>
          populationRun(
            platform,
            population,
            { ...work, places: [place] },
            { engine, test, checkpoints, restarts, inMemory },
            options,
          ),
        );
        await runPopulation(runs, signal, (run, end) => {
          ends.set(left[run], end);
          inMemory.delete(left[run]);
        });
      });
      return places.map((place) => ends.get(place) as RunEnd);
    } catch (error) {
      if (!mayPass(error) || signal?.aborted || !population.device) throw error;
      if (restarts.failed(error) > mostRestarts) throw givenUp(error, population.plan.out);
      await replaceDevice(platform, population, error, signal);
      options.onRestart?.({ cause: error.message, runs: places.filter((place) => !ends.has(place)).length });
    }
  }
}

/** Opens the engine of a work and that of its test split, and closes both after their use. */
function onEngines(
  platform: Platform,
  population: Population,
  { engine, test }: EngineWork,
  use: (engine: Engine, test: Evaluator | undefined) => Promise<void>,
): Promise<void> {
  return onEngine(platform, population, engine, (opened) =>
    test
      ? onEngine(platform, population, test.engine, (second) => use(opened, { engine: second, dataset: test.dataset }))
      : use(opened, undefined),
  );
}

/** Opens an engine, closes it after its use, and throws the first error of the two. */
async function onEngine(
  platform: Platform,
  { device }: Population,
  plan: EngineWork["engine"],
  use: (engine: Engine) => Promise<void>,
): Promise<void> {
  const engine = openEngine(plan, device, platform);
  try {
    await use(engine);
  } catch (error) {
    try {
      engine.close();
    } catch {
      // A consequence of the error.
    }
    throw error;
  }
  engine.close();
}

/** What the runs of a population share while one engine trains them. */
interface Shared {
  readonly engine: Engine;
  readonly test: Evaluator | undefined;
  readonly checkpoints: CheckpointTurns | undefined;
  readonly restarts: Restarts;
  readonly inMemory: Map<RunPlace, MemoryFiles>;
}

function populationRun(
  platform: Platform,
  population: Population,
  work: EngineWork,
  { engine, test, checkpoints, restarts, inMemory }: Shared,
  { observe, beforeLevel, allowOtherVersion }: RunOptions,
): PopulationRun {
  const { plan, initial, programs, device } = population;
  const [place] = work.places;
  const { number, seed } = place;
  const { spec } = place.experiment;
  const isStored = plan.out !== null;
  const lottery = {
    experiment: number,
    seed,
    // Trained weights are kept for people to read, unless the next level starts from them.
    spec: isStored ? spec : { ...spec, keepTrained: startsTrained(spec) },
    dataset: datasetFor(spec, work.dataset),
    engine,
    test,
    initial,
    prescribed: place.experiment.prescribed?.(seed),
    nulls: population.nulls,
    machine: { adapterKind: plan.kind, ...platform.machine, program: programs.get(work.engine) },
    observe: (event) => restarts.observe(event, observe),
    beforeLevel,
    checkpoints,
  } satisfies PopulationRun["lottery"];
  // The CPU has no device that could be lost, so that its runs need no folder.
  if (!isStored && !device) return { lottery };
  const files = inMemory.get(place) ?? new MemoryFiles();
  if (!isStored) inMemory.set(place, files);
  const at = folderOf(population, work, place);
  const folder = new LockedFolder(isStored ? platform : { files, locks: undefined }, at.root, at.run, {
    allowOtherVersion,
  });
  return {
    lottery,
    openFolder: async (lost) => {
      const opened = await folder.open(lost);
      if (opened.record.outcome) return opened;
      for (const restart of restarts.unnoted(number, seed)) await opened.noteRestart(restart);
      return opened;
    },
    closeFolder: () => folder.close(),
  };
}

async function replaceDevice(
  platform: Platform,
  population: Population,
  cause: DeviceError,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { plan, works } = population;
  const engines = works.flatMap(({ engine, test }) => (test ? [engine, test.engine] : [engine]));
  const largestBindingBytes = Math.max(
    ...engines.map((engine) => ("largestBindingBytes" in engine ? engine.largestBindingBytes : 0)),
  );
  population.device?.destroy();
  const accept = plan.kind === "cpu" ? "any" : plan.kind;
  population.device = await openFreshDevice(platform, { accept, largestBindingBytes }, plan.executor, cause, signal);
}

function givenUp(cause: DeviceError, out: string | null): DeviceError {
  const kept =
    out === null
      ? "nothing is kept, since nothing is stored"
      : `finished levels are kept in ${out}, the same command goes on from there`;
  return new DeviceError(
    `${cause.message}; ${mostRestarts} fresh devices failed likewise before a level or checkpoint was done: ${kept}`,
    false,
  );
}
