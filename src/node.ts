/**
 * The library on Node: everything that is public, and {@link run}, which puts the rooms together.
 * @module
 */
import { availableParallelism, cpus, totalmem } from "node:os";
import { InputError } from "./base/errors.ts";
import { nodeDatasetAccess } from "./dataset/node.ts";
import type { Device } from "./device/device.ts";
import { openNodeDevice } from "./device/node.ts";
import { chooseAdapterEngine, type Networks, openAdapterEngine } from "./engine/choose.ts";
import { openCpuEngine } from "./engine/cpu.ts";
import type { Engine } from "./engine/engine.ts";
import { startNodeThread } from "./engine/simd/worker/node.ts";
import { openDataset } from "./lottery/dataset.ts";
import { type LotteryRun, runPopulation } from "./lottery/lottery.ts";
import type { RunObserver } from "./lottery/messages.ts";
import { preset } from "./lottery/presets.ts";
import { overrideSpec, resolveSpec, type Spec, type SpecInput } from "./lottery/spec.ts";
import type { Parameters } from "./network/parameters.ts";
import { nodeFiles } from "./store/node.ts";
import { openRunFolder } from "./store/run_folder.ts";
import { sha256, specHash } from "./store/spec_hash.ts";
import { readTicket } from "./store/ticket_file.ts";

export { type Analysis, analyze, type Subnetwork } from "./analysis/analyze.ts";
export { type Outcome, runOutcome } from "./analysis/outcome.ts";
export type { LevelState } from "./analysis/state.ts";
export { type NeuronState, type WeightState, weightStates } from "./analysis/states.ts";
export { DeviceError, InputError, RunError } from "./base/errors.ts";
export type { Files } from "./base/files.ts";
export { epochOrder } from "./base/random.ts";
export { type Shape, weightCount } from "./base/shape.ts";
export type { Columns, CoverageKind, Task } from "./base/task.ts";
export type { Dataset, Split } from "./dataset/dataset.ts";
export { type DatasetAccess, type DatasetRequest, loadDataset } from "./dataset/load.ts";
export { nodeDatasetAccess } from "./dataset/node.ts";
export { parseTasks } from "./dataset/tasks.ts";
export { adapterEnvironment } from "./device/environment/node.ts";
export type { LotteryRun } from "./lottery/lottery.ts";
export type { RunMessage, RunObserver } from "./lottery/messages.ts";
export { presets } from "./lottery/presets.ts";
export { resolveSpec, type Spec, type SpecInput } from "./lottery/spec.ts";
export { Mask } from "./mask/mask.ts";
export { jaccardIndex, keptShare } from "./mask/overlap.ts";
export { extendedShape, extensionTrajectory } from "./network/extension.ts";
export { initialParameters } from "./network/initial.ts";
export { Parameters } from "./network/parameters.ts";
export { pruningTrajectory } from "./network/trajectory.ts";
export { ticketFigure } from "./report/ticket_figure.ts";
export type { LevelRecord } from "./store/level_record.ts";
export { nodeFiles } from "./store/node.ts";
export { readRunFolder } from "./store/run_folder.ts";
export { readTicket, type Ticket, writeTicket } from "./store/ticket_file.ts";

/** Where a run computes. */
export interface RunOptions {
  /** Laid over the preset's or spec's keys. */
  readonly set?: Partial<SpecInput>;
  /** Path of a safetensors file to start from instead of drawn weights. */
  readonly init?: string;
  /**
   * `auto`: a hardware adapter that this process sees, else the CPU; `gpu` and `software` accept that kind of adapter only;
   * `cpu` uses none. A process sees SwiftShader only if it was started with {@link adapterEnvironment}'s variables.
   */
  readonly device?: "auto" | "gpu" | "software" | "cpu";
  /**
   * `resident` and `tiled` need an adapter of any kind, `cpu` none; `auto` is, on the device's adapter, resident where a network
   * fits one workgroup and tiled where not, and cpu without an adapter.
   */
  readonly engine?: "auto" | "resident" | "tiled" | "cpu";
  /** Folder of all runs, default `runs`; null keeps nothing on disk. */
  readonly out?: string | null;
  readonly observe?: RunObserver;
  readonly signal?: AbortSignal;
  /** Hears once what will compute, before training starts. */
  readonly onStart?: (start: RunStart) => void;
}

/** What a run is about to do. */
export interface RunStart {
  readonly name: string;
  readonly spec: Spec;
  readonly seeds: readonly number[];
  readonly engine: Engine;
  readonly kind: "gpu" | "software" | "cpu";
  /** Why this engine, in a few words. */
  readonly reason: string;
}

/** All runs of an experiment. */
export interface RunResult {
  readonly name: string;
  readonly spec: Spec;
  /** Who did the arithmetic. */
  readonly executor: string;
  /** Folder that holds one folder a seed; null when nothing was kept. */
  readonly folder: string | null;
  readonly runs: readonly LotteryRun[];
}

/**
 * Runs an experiment: every seed's levels, pruned masks, analyses and run folders.
 * @param experiment a preset's name, the path of a spec file (.json) or of a dataset (.csv, .npz), or a spec
 * @throws InputError for anything wrong in the spec, the data or the places named; DeviceError; RunError when training diverges
 */
export async function run(experiment: string | SpecInput, options: RunOptions = {}): Promise<RunResult> {
  const { name, input } = await readExperiment(experiment);
  const where = typeof experiment === "string" ? experiment : name;
  const { spec, seeds } = resolveSpec(overrideSpec(input, options.set ?? {}), where);
  const initial = options.init === undefined ? undefined : await readInitial(options.init, spec);
  const dataset = await openDataset(spec, nodeDatasetAccess());
  const networks = { shape: spec.shape, dataset, batch: spec.batch, count: seeds.length };

  const root = options.out === undefined ? "runs" : options.out;
  const identity = await identityOf(spec, options.init);
  const hash = await specHash(identity);
  const { engine, device, reason } = await openEngine(networks, options);
  try {
    options.onStart?.({ name, spec, seeds, engine, kind: device?.kind ?? "cpu", reason });
    const lottery = {
      spec,
      dataset,
      engine,
      initial,
      machine: { adapterKind: device?.kind ?? "cpu", cpu: cpus()[0]?.model ?? "", node: process.version },
      ...(options.observe && { observe: options.observe }),
      ...(options.signal && { signal: options.signal }),
    };
    const executor = `${engine.name}, ${engine.executor}`;
    const folderOf =
      root === null
        ? undefined
        : (seed: number) => openRunFolder(nodeFiles, root, { name, specHash: hash, seed, executor, spec: identity });
    const runs = await runPopulation(lottery, seeds, folderOf);
    return { name, spec, executor: engine.executor, folder: root === null ? null : `${root}/${name}-${hash}`, runs };
  } finally {
    engine.close();
    device?.destroy();
  }
}

/** The engine that the options ask for, on the device that it needs. */
async function openEngine(
  networks: Networks,
  { device: choice = "auto", engine: kind = "auto" }: RunOptions,
): Promise<{ engine: Engine; device: Device | undefined; reason: string }> {
  const needsAdapter = kind === "resident" || kind === "tiled";
  if (needsAdapter && choice === "cpu") {
    throw new InputError(`--engine ${kind} needs an adapter and --device cpu has none: choose one of them`);
  }
  const openOnCpu = (reason: string) => ({
    // Half of the memory: the other programs of the machine want some too.
    engine: openCpuEngine(networks, startNodeThread, {
      networks: networks.count,
      cores: availableParallelism(),
      memoryBytes: totalmem() / 2,
    }),
    device: undefined,
    reason,
  });
  if (kind === "cpu" || choice === "cpu") return openOnCpu("asked for");
  const chosen = chooseAdapterEngine(networks, kind);
  // A software adapter runs on the same cores as the CPU engine, which uses them better: it is taken only when asked for.
  const accept = choice !== "auto" ? choice : needsAdapter ? "any" : "gpu";
  let device: Device;
  try {
    device = await openNodeDevice({ accept, largestBindingBytes: chosen.largestBindingBytes });
  } catch (error) {
    if (!(error instanceof InputError) || choice !== "auto" || needsAdapter) throw error;
    return openOnCpu("no hardware adapter");
  }
  try {
    return { engine: await openAdapterEngine(chosen, device), device, reason: chosen.reason };
  } catch (error) {
    device.destroy();
    throw error;
  }
}

/** A spec by preset name or path, or as it is; the name is the folder's. A path of data is a spec with that dataset alone. */
async function readExperiment(experiment: string | SpecInput): Promise<{ name: string; input: SpecInput }> {
  if (typeof experiment !== "string") return { name: "run", input: experiment };
  const name = experiment.replace(/^.*\//, "").replace(/\.[^.]*$/, "");
  if (/\.(csv|npz)$/i.test(experiment)) return { name, input: { dataset: experiment } };
  if (!experiment.endsWith(".json")) return { name: experiment, input: preset(experiment) };
  const text = new TextDecoder().decode(await nodeFiles.read(experiment));
  try {
    return { name, input: JSON.parse(text) };
  } catch (error) {
    throw new InputError(`${experiment}: not JSON (${(error as Error).message}): give a spec file or a preset's name`);
  }
}

async function readInitial(path: string, spec: Spec): Promise<Parameters> {
  const { parameters, shape } = readTicket(await nodeFiles.read(path), path);
  if (!parameters) throw new InputError(`${path}: holds masks only: give a file with weights`);
  if (shape.join() !== spec.shape.join()) {
    throw new InputError(
      `${path}: holds a network of shape (${shape}), the spec trains (${spec.shape}): give one of that shape`,
    );
  }
  return parameters;
}

/** What a run folder is named and checked by: the spec, and the content of the files that it points at. */
async function identityOf(spec: Spec, init: string | undefined): Promise<Readonly<Record<string, unknown>>> {
  const contentHash = async (path: string) => sha256(await nodeFiles.read(path));
  const isFile = /\.(csv|npz)$/i.test(spec.dataset.dataset);
  return JSON.parse(
    JSON.stringify({
      ...spec,
      ...(isFile && { datasetSha256: await contentHash(spec.dataset.dataset) }),
      ...(init !== undefined && { initSha256: await contentHash(init) }),
    }),
  );
}
