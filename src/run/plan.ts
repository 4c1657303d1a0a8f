import { checkByteOrder } from "../base/byte_order.ts";
import { InputError, invariant } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { shownJson } from "../base/visible.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { isDataPath } from "../dataset/registry.ts";
import type { Device } from "../device/device.ts";
import { cpuExecutor } from "../engine/cpu/cpu_engine.ts";
import { equalRunsNotice } from "../lottery/announcements.ts";
import { datasetFor, loadSamples, samplesKey } from "../lottery/dataset.ts";
import { evaluationData } from "../lottery/evaluation.ts";
import { type Experiment, type NamedGrids, resolveExperiments } from "../lottery/experiment.ts";
import { readyRuns } from "../lottery/population.ts";
import { preset } from "../lottery/presets.ts";
import type { Spec } from "../lottery/spec.ts";
import { defaultActivation } from "../network/activations/index.ts";
import type { Parameters } from "../network/parameters.ts";
import { parseJson } from "../store/json_text.ts";
import { experimentFolder, experimentName, isFolderName } from "../store/run_path.ts";
import { runFolderAround } from "../store/stored_run.ts";
import type { EngineWork, RunPlace } from "./engine_work.ts";
import { chooseEngines } from "./engines.ts";
import { withDevice } from "./fresh_device.ts";
import { readInitial } from "./initial_file.ts";
import { begunRunBytes, checkpointBytes, runDisk } from "./needs.ts";
import type { ExperimentInput, PlanOptions } from "./options.ts";
import type { Platform } from "./platform.ts";
import { Prospects } from "./prospects.ts";
import type { PlannedEngine, PlannedExperiment, RunPlan } from "./run_plan.ts";
import { needsOf } from "./shortages.ts";
import { storedProgress } from "./stored_progress.ts";

/** A plan and the resources to execute it. */
export interface Prepared {
  readonly plan: RunPlan;
  readonly works: readonly EngineWork[];
  /** Owned by the caller; undefined for the CPU. */
  readonly device: Device | undefined;
  /** Given initial parameters; undefined: drawn from the seed. */
  readonly initial: Parameters | undefined;
}

/**
 * Resolves experiments, loads their data, chooses engines and opens the device that they need. Does not train or write.
 * What exceeds main memory or the disk is told in the plan.
 * @throws InputError for an invalid spec, dataset or path, or when the limits of the device are exceeded
 */
export async function prepareExperiments(
  platform: Platform,
  given: ExperimentInput | readonly ExperimentInput[],
  options: PlanOptions,
): Promise<Prepared> {
  return prepareResolved(platform, await resolveGiven(platform, given, options), options);
}

/**
 * Resolves experiments as they are given.
 * @throws InputError for an invalid spec, dataset or path
 */
export async function resolveGiven(
  platform: Platform,
  given: ExperimentInput | readonly ExperimentInput[],
  { set = {}, init }: PlanOptions,
): Promise<Experiment[]> {
  const grids: NamedGrids[] = [];
  for (const one of Array.isArray(given) ? given : [given]) grids.push(await readGrids(platform, one));
  return resolveExperiments(grids, set, platform.files, init);
}

/** As {@link prepareExperiments}, for experiments that are resolved. */
export async function prepareResolved(
  platform: Platform,
  experiments: readonly Experiment[],
  options: PlanOptions,
): Promise<Prepared> {
  checkByteOrder();
  const { files } = platform;
  const root = options.out === undefined ? "runs" : options.out;
  if (root?.trim() === "") throw new InputError(`out "${root}": it is empty; give a folder, such as runs`);
  const around = root === null ? undefined : await runFolderAround(files, root);
  if (around !== undefined) {
    throw new InputError(
      `out "${root}": ${around === root ? "it" : around} is the folder of a run, which holds no other runs; give another, such as runs`,
    );
  }
  const initialFile = options.init === undefined ? undefined : await readInitial(files, options.init, experiments);
  const initial = initialFile?.parameters;

  if (root !== null) await platform.freeDiskBytes(root);
  const progress = await storedProgress(files, root, experiments);
  const samples = await loadAllSamples(platform, experiments);
  await checkUnchanged(files, experiments, options.init);
  const work = samples.map(({ dataset, places }) => {
    const networks = places.map(({ experiment }) => experiment.spec);
    const batch = Math.max(...networks.map((network) => network.batch));
    const test = dataset.test && evaluationData(dataset, dataset.test, batch);
    return { dataset, networks, activation: networks[0].activation ?? defaultActivation, test };
  });
  const unfinished = async () => progress.flat().flatMap((run) => (run && !run.hasEnded ? [run.executor] : []));
  const { plans, testPlans, device, idleAdapter } = await withDevice(() =>
    chooseEngines(work, options, platform, unfinished),
  );
  try {
    const works = samples.map(({ dataset, places }, k): EngineWork => {
      const [test, engine] = [work[k].test, testPlans[k]];
      return { dataset, engine: plans[k], test: test && engine && { dataset: test, engine }, places };
    });
    const datasets = new Map(samples.map(({ key, dataset }) => [key, dataset]));
    const prospects = new Prospects(initial, options.init);
    const planned = experiments.map(({ name, values, spec, seeds, hash: specHash }): PlannedExperiment => {
      const dataset = datasets.get(engineKey(spec));
      invariant(dataset, `no samples of ${name}-${specHash}`);
      const { tasks, coverage, inputNames } = datasetFor(spec, dataset);
      const folder = root === null ? null : `${root}/${experimentFolder({ name, specHash })}`;
      return {
        name,
        values,
        spec,
        seeds,
        tasks,
        coverage,
        ...(inputNames && { inputNames }),
        ...prospects.of(spec, dataset),
        folder,
        diskBytesPerRun: root === null ? 0 : runDisk(spec, tasks.length, dataset.train.samples).bytes,
      };
    });
    const engines = works.map(plannedEngine);
    const deviceBytes = Math.max(...engines.map((engine) => engine.deviceBytes));
    const kind = device?.kind ?? "cpu";
    const needs = await needsOf(
      platform,
      {
        works: works.map(({ dataset, engine, test, places }) => ({
          dataset,
          engine,
          test,
          specs: [...new Set(places.map(({ experiment }) => experiment.spec))],
        })),
        experiments: planned,
        engines,
        kind,
        deviceBytes,
      },
      root,
      progress,
    );
    const plan = {
      out: root,
      experiments: planned,
      notices: [
        ...(initialFile?.notes ?? []),
        ...new Set(planned.flatMap(({ notices }) => notices)),
        ...new Set(experiments.flatMap((one) => equalRunsNotice(one) ?? [])),
      ],
      kind,
      executor: device?.name ?? cpuExecutor,
      idleAdapter,
      engines,
      deviceBytes,
      ...needs,
    } as const;
    return { plan, works, device, initial };
  } catch (error) {
    device?.destroy();
    throw error;
  }
}

function plannedEngine({ dataset, engine, test, places }: EngineWork): PlannedEngine {
  const { name, reason, slots, atOnce, deviceBytes, hostBytes } = engine;
  const begun = Math.min(places.length, slots + readyRuns);
  const specs = [...new Set(places.map(({ experiment }) => experiment.spec))];
  const largest = Math.max(...specs.map((spec) => begunRunBytes(spec, dataset.train.samples)));
  return {
    name,
    reason,
    dataset: dataset.name,
    runs: places.length,
    atOnce,
    deviceBytes: deviceBytes + (test?.engine.deviceBytes ?? 0),
    // One level at a time stores a checkpoint.
    hostBytes: hostBytes + (test?.engine.hostBytes ?? 0) + begun * largest + Math.max(...specs.map(checkpointBytes)),
  };
}

/**
 * Checks that the files whose hashes name the runs are those that were read.
 * @throws InputError when a file has another hash now
 */
async function checkUnchanged(
  files: Files,
  experiments: readonly Experiment[],
  init: string | undefined,
): Promise<void> {
  const read = new Map<string, unknown>();
  for (const { spec, identity } of experiments) {
    if (identity.datasetSha256 !== undefined) read.set(spec.dataset.dataset, identity.datasetSha256);
    if (init !== undefined) read.set(init, identity.initSha256);
  }
  for (const [path, sha256] of read) {
    if ((await files.sha256(path)) === sha256) continue;
    throw new InputError(
      `${path}: another program changed it while it was read; give a file that no program is writing`,
    );
  }
}

/** Runs with the same key train concurrently in one engine. */
const engineKey = (spec: Spec) => `${spec.activation ?? defaultActivation} ${samplesKey(spec)}`;

/** Loads each dataset once, checks that the shapes fit, and groups the runs by engine. */
async function loadAllSamples(platform: Platform, experiments: readonly Experiment[]) {
  const datasets = new Map<string, Dataset>();
  const samples = new Map<string, { key: string; dataset: Dataset; places: RunPlace[] }>();
  for (const [number, experiment] of experiments.entries()) {
    const { spec, seeds } = experiment;
    const [key, data] = [engineKey(spec), samplesKey(spec)];
    const dataset = datasets.get(data) ?? (await loadSamples(spec, platform.datasets));
    datasets.set(data, dataset);
    const one = samples.get(key) ?? { key, dataset, places: [] };
    datasetFor(spec, one.dataset);
    for (const seed of seeds) one.places.push({ number, experiment, seed });
    samples.set(key, one);
  }
  return [...samples.values()];
}

/** Reads the given experiment and names its folders. The path of a data file is a spec with only that dataset. */
async function readGrids({ files }: Platform, given: ExperimentInput): Promise<NamedGrids> {
  if (typeof given !== "string") {
    if ("spec" in given) {
      if (!isFolderName(given.name)) {
        throw new InputError(
          `name ${shownJson(given.name)}: it names folders, so it has no / or \\ and no control characters; choose another`,
        );
      }
      return { name: given.name, where: given.name, grids: given.spec };
    }
    return { name: "run", where: "run", grids: given };
  }
  const name = experimentName(given);
  if (isDataPath(given)) return { name, where: given, grids: { dataset: given } };
  if (!given.endsWith(".json")) return { name: given, where: given, grids: preset(given) };
  return {
    name,
    where: given,
    grids: parseJson(await files.read(given), given, "give a spec file or a preset's name"),
  };
}
