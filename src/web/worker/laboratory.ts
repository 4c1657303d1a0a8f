import { analyze } from "../../analysis/analyze.ts";
import { activeOutDegree } from "../../analysis/out_degree.ts";
import type { Outcome } from "../../analysis/outcome.ts";
import { DeviceError, InputError, invariant } from "../../base/errors.ts";
import { formatShape, type Shape } from "../../base/shape.ts";
import type { CoverageKind, Task } from "../../base/task.ts";
import { isDataPath } from "../../dataset/registry.ts";
import { checkTasks } from "../../dataset/tasks.ts";
import { browserAdapter } from "../../device/chrome.ts";
import { openDataset, outlineFor } from "../../lottery/dataset.ts";
import type { WeightsOffer } from "../../lottery/messages.ts";
import { runOutline } from "../../lottery/run_outline.ts";
import { resolveSpec, type Spec } from "../../lottery/spec.ts";
import type { SpecInput } from "../../lottery/spec_schema.ts";
import { storedStart } from "../../lottery/start_weights.ts";
import { Mask } from "../../mask/mask.ts";
import type { Parameters } from "../../network/parameters.ts";
import { maskedParameters } from "../../pruning/masked.ts";
import { ticketGraphml } from "../../report/graphml.ts";
import type { EngineChoice } from "../../run/options.ts";
import type { Platform } from "../../run/platform.ts";
import { runExperiments } from "../../run/run.ts";
import { readArchive, runFiles, runPaths, writeArchive } from "../../store/archive.ts";
import { refuseForeignFormat } from "../../store/foreign_format.ts";
import { LayersNeeded } from "../../store/layer_order.ts";
import { MemoryFiles } from "../../store/memory.ts";
import { readRunFolder } from "../../store/open_run.ts";
import { openTicket } from "../../store/open_ticket.ts";
import { experimentFolder, isFolderName, levelFile, runPath } from "../../store/run_path.ts";
import { type ReadTicket, readTicket, type Ticket, writeTicket } from "../../store/ticket_file.ts";
import type { ExperimentRequest, LabEvent, Laboratory, Opened, OpenedRun, TicketQuestions } from "../protocol.ts";
import { boundaries, hasPlanes } from "./boundary.ts";
import { LevelGate } from "./level_gate.ts";
import { networkPicture, type Side } from "./picture.ts";
import { chromePlatform } from "./platform.ts";
import { ticketOutline } from "./ticket_outline.ts";

/** The visitor ended the experiment. */
class Stopped extends Error {
  override name = "Stopped";
}

/** Most bytes of trained weights that are kept for drawing, over all levels. */
const mostKeptBytes = 256 * 2 ** 20;
/** Folder of all runs, as on the command line. */
const root = "runs";

/** A run or ticket that the worker can draw. */
interface Known {
  readonly shape: Shape;
  readonly tasks: readonly Task[];
  /** The coverage that decides its states. */
  readonly coverage: CoverageKind;
  /** A ticket that was opened without its run; the tickets of runs are in files. */
  readonly ticket?: Ticket;
}

/** A level in training. */
interface TrainingLevel {
  readonly level: number;
  readonly weights: () => Promise<Parameters>;
}

interface Running {
  readonly controller: AbortController;
  readonly gate: LevelGate;
}

/** The worker's side of the page: runs experiments, keeps their files in memory, and reads pictures from them. */
export class LocalLaboratory implements Laboratory {
  readonly #files = new MemoryFiles();
  readonly #platform: Platform;
  readonly #known = new Map<string, Known>();
  /** Trained weights by run folder and level. */
  readonly #trained = new Map<string, Parameters>();
  #trainedBytes = 0;
  /** By run folder. */
  readonly #training = new Map<string, TrainingLevel>();
  #running: Running | undefined;

  /** @param base address of the page's folder */
  constructor(
    readonly base: URL,
    readonly send: (event: LabEvent) => void,
  ) {
    this.#platform = chromePlatform(this.#files, base, (file, loadedBytes, sizeBytes) =>
      send({ kind: "loading", file, loadedBytes, sizeBytes }),
    );
  }

  adapter() {
    return browserAdapter();
  }

  async start({ name, input, device, engine }: ExperimentRequest, isPaused: boolean): Promise<void> {
    invariant(!this.#running, "an experiment is started while another runs");
    const running: Running = { controller: new AbortController(), gate: new LevelGate(!isPaused) };
    this.#running = running;
    try {
      await this.#run({ name, spec: input }, { device, engine }, running);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    } finally {
      this.#running = undefined;
      this.#training.clear();
    }
  }

  /** Runs an experiment to its end. */
  async #run(
    experiment: { readonly name: string; readonly spec: SpecInput },
    choice: EngineChoice,
    { controller: { signal }, gate }: Running,
  ): Promise<void> {
    let folder = "";
    const pathOf = (seed: number) => runPath(folder, seed);
    await runExperiments(this.#platform, experiment, {
      ...choice,
      signal,
      out: root,
      beforeLevel: () => gate.pass(),
      observe: (event) => {
        const path = pathOf(event.seed);
        if ("weights" in event) {
          this.#hearWeights(path, event);
          return;
        }
        if (event.kind === "failed") this.#training.delete(path);
        this.send({ kind: "run", path, message: event });
      },
      onRestart: ({ cause }) => {
        this.#training.clear();
        this.send({ kind: "device-lost", message: cause });
      },
      onStart: (plan) => {
        const [{ name, folder: path, seeds, spec, tasks, coverage, inputNames, baselines }] = plan.experiments;
        folder = path ?? "";
        const runs = seeds.map((seed) => ({ seed, path: pathOf(seed) }));
        // A run that was opened keeps the coverage that it was begun by.
        const known = { shape: spec.shape, tasks, coverage };
        for (const run of runs) this.#known.set(run.path, this.#known.get(run.path) ?? known);
        const { shape, remaining } = spec;
        const { kind, executor } = plan;
        this.send({
          kind: "prepared",
          prepared: {
            ...{ name, shape, remaining, tasks, runs, kind, executor, inputNames, baselines },
            notices: plan.notices,
            engine: plan.engines.map((each) => each.name).join(", "),
            reason: plan.engines.map((each) => each.reason).join(", "),
            memoryBytes: kind === "cpu" ? plan.hostBytes : plan.deviceBytes,
          },
        });
      },
    });
  }

  async pause(): Promise<void> {
    this.#running?.gate.close();
  }

  async resume(): Promise<void> {
    this.#running?.gate.open();
  }

  async step(): Promise<void> {
    this.#running?.gate.step();
  }

  async stop(): Promise<void> {
    this.#training.clear();
    this.#running?.controller.abort(new Stopped("the experiment was stopped"));
  }

  async reset(): Promise<void> {
    invariant(!this.#running, "runs are forgotten while an experiment runs");
    this.#files.clear();
    this.#known.clear();
    this.#trained.clear();
    this.#trainedBytes = 0;
  }

  async preview({ name, input }: ExperimentRequest, side: Side) {
    const { spec } = resolveSpec(input, name);
    const { tasks } = outlineFor(spec) ?? {};
    return tasks && { picture: networkPicture(Mask.full(spec.shape), tasks, side, undefined), tasks };
  }

  async picture(path: string, level: number, side: Side) {
    const { mask, parameters } = await this.#ticket(path, level);
    return networkPicture(mask, this.#of(path).tasks, side, parameters);
  }

  async boundary(path: string, level: number) {
    const { tasks } = this.#of(path);
    const parameters = (await this.#weightsNow(path, level)) ?? (await this.#ticket(path, level)).parameters;
    if (!parameters || !hasPlanes(tasks) || !(await this.#files.exists(`${path}/run.json`))) return undefined;
    const { record } = await readRunFolder(this.#files, path);
    const spec = record.spec as unknown as Spec;
    // A page cannot read the file of own data again.
    if (typeof spec.dataset?.dataset !== "string" || isDataPath(spec.dataset.dataset)) return undefined;
    return boundaries(parameters, await openDataset(spec, this.#platform.datasets), spec.activation);
  }

  async inputUse(path: string, level: number) {
    const { mask } = await this.#ticket(path, level);
    return { use: activeOutDegree(mask), tasks: this.#of(path).tasks };
  }

  async archive() {
    return writeArchive(this.#files);
  }

  async ticket(path: string, level: number) {
    const { mask } = await this.#ticket(path, level);
    const alone = this.#known.get(path)?.ticket;
    const initial = alone ? alone.parameters : await storedStart(await readRunFolder(this.#files, path), level);
    const parameters = initial && maskedParameters(initial, mask);
    const { tasks, coverage } = this.#of(path);
    const content = { mask, parameters, analysis: { tasks, coverage }, metadata: { level: String(level) } };
    return new Uint8Array(writeTicket(content));
  }

  async graphml(path: string, level: number) {
    const { tasks, coverage } = this.#of(path);
    const ticket = await this.#ticket(path, level);
    return ticketGraphml(ticket, analyze(ticket.mask, tasks, coverage), tasks);
  }

  async openFolder(name: string, files: readonly (readonly [string, Uint8Array])[]): Promise<Opened> {
    return { kind: "runs", runs: await this.#openRuns(name, runFiles(files, name)) };
  }

  async openFile(name: string, bytes: Uint8Array<ArrayBuffer>, asked: TicketQuestions): Promise<Opened> {
    if (/\.zip$/i.test(name)) return { kind: "runs", runs: await this.#openRuns(name, readArchive(bytes, name)) };
    const opened = readOpened(name, bytes, asked.layers);
    if (opened instanceof LayersNeeded) {
      return { kind: "layers-needed", problem: opened.problem, layerNames: opened.layerNames };
    }
    const { reading, ...ticket } = opened;
    const runs = [...this.#known.values()].filter((known) => !known.ticket);
    const outline = ticketOutline(ticket, runs, asked);
    if (!outline) return { kind: "tasks-needed", shape: ticket.shape };
    const { tasks, coverage, source } = outline;
    fitTasks(tasks, ticket.shape, name);
    const { remaining, weights, neurons, subnetworks, state } = analyze(ticket.mask, tasks, coverage);
    this.#keepTicket(name, { shape: ticket.shape, tasks, coverage, ticket });
    return {
      kind: "ticket",
      ticket: {
        path: name,
        shape: ticket.shape,
        tasks,
        coverage,
        coverageSource: source,
        remaining,
        weights,
        neurons,
        subnetworks: subnetworks.length,
        state,
        notes: [...reading.notes, ...reading.maskNotes],
      },
    };
  }

  /**
   * Stores opened run folders at the paths of runs of the same name, spec and seed, so that a stopped run can continue.
   */
  async #openRuns(name: string, opened: MemoryFiles): Promise<OpenedRun[]> {
    if (this.#running) {
      throw new InputError(`${name}: runs are opened when none is in training; stop the experiment first`);
    }
    const runs: OpenedRun[] = [];
    const contents: [string, Uint8Array][] = [];
    for (const from of runPaths(opened)) {
      const folder = await readRunFolder(opened, from);
      const levels = await folder.finishedLevels();
      if (levels.length === 0) continue;
      const masks: Mask[] = [];
      for (const { level } of levels) {
        const mask = await folder.readLevelMask(level);
        if (!mask) throw new InputError(`${name}: ${from} has no mask of level ${level}; give the whole run folder`);
        masks.push(mask);
      }
      const { spec, seed, outcome, specHash, inputNames, baselines } = folder.record;
      const place = { name: folder.record.name, specHash };
      const path = runPath(`${root}/${experimentFolder(place)}`, seed);
      if (!isFolderName(folder.record.name) || !isFolderName(specHash)) {
        throw new InputError(`${name}: ${from} is named ${folder.record.name}, ${specHash}, which names no folder`);
      }
      if (runs.some((run) => run.path === path)) {
        throw new InputError(`${name}: holds the run ${path} twice, the second time in ${from}; drop one of them`);
      }
      const { shape, remaining } = spec as unknown as Spec;
      const { tasks, coverage } = runOutline(folder.record, `${name}: ${from}`);
      const initial = await folder.readInit();
      const other = [...masks, ...(initial ? [initial] : [])].find((each) => each.shape.join() !== shape?.join());
      if (!shape || !Array.isArray(remaining) || other) {
        throw new InputError(
          `${name}: ${from} holds a network of ${other ? formatShape(other.shape) : "a shape that run.json does not name"}, which is not of its run; give the folder as the run wrote it`,
        );
      }
      fitTasks(tasks, shape, `${name}: ${from}`);
      for (const file of await opened.list(from))
        contents.push([`${path}/${file}`, await opened.read(`${from}/${file}`)]);
      this.#known.set(path, { shape, tasks, coverage });
      runs.push({
        path,
        name: folder.record.name,
        seed,
        shape,
        remaining,
        tasks,
        ...{ inputNames, baselines },
        levels,
        outcome: outcome?.outcome as Outcome | undefined,
      });
    }
    if (runs.length === 0) throw new InputError(`${name}: its runs have no finished level; drop one that has`);
    for (const { path } of runs) await this.#files.makeFolder(path);
    for (const [path, content] of contents) await this.#files.write(path, content);
    return runs;
  }

  /** Keeps a ticket that was opened without its run, and the one before, for which the page may be asking right now. */
  #keepTicket(name: string, known: Known): void {
    this.#known.delete(name);
    const tickets = [...this.#known].filter(([, { ticket }]) => ticket).map(([path]) => path);
    for (const path of tickets.slice(0, -1)) this.#known.delete(path);
    this.#known.set(name, known);
  }

  #of(path: string): Known {
    const known = this.#known.get(path);
    invariant(known, `nothing is known of ${path}`);
    return known;
  }

  /** A level's mask, and the trained weights if they are known. */
  async #ticket(path: string, level: number): Promise<Ticket> {
    const alone = this.#known.get(path)?.ticket;
    if (alone) return alone;
    const file = `${path}/${levelFile(level)}`;
    const stored = readTicket(await this.#files.read(file), file);
    const parameters = this.#trained.get(`${path} ${level}`) ?? stored.parameters;
    return { shape: stored.shape, mask: stored.mask, ...(parameters && { parameters }) };
  }

  /** The current weights of a level; undefined if it is not in training, or ends before they are read. */
  async #weightsNow(path: string, level: number): Promise<Parameters | undefined> {
    const now = this.#training.get(path);
    if (now?.level !== level) return undefined;
    try {
      return await now.weights();
    } catch (error) {
      // The run itself reports what stopped it.
      if (error instanceof DeviceError || this.#training.get(path) !== now) return undefined;
      throw error;
    }
  }

  /** Records the level in training, and keeps the weights of a trained one. */
  #hearWeights(path: string, { kind, level, weights }: WeightsOffer): void {
    if (kind === "training") {
      this.#training.set(path, { level, weights });
      return;
    }
    this.#training.delete(path);
    // The run itself reports a device failure.
    weights().then(
      (trained) => this.#keep(path, level, trained),
      () => {},
    );
  }

  #keep(path: string, level: number, trained: Parameters): void {
    if (this.#trainedBytes + trained.values.byteLength > mostKeptBytes) return;
    this.#trainedBytes += trained.values.byteLength;
    this.#trained.set(`${path} ${level}`, trained);
  }
}

/** @throws InputError that names the file where tasks are not of its network */
function fitTasks(tasks: readonly Task[], shape: Shape, where: string): void {
  try {
    checkTasks(tasks, shape[0], shape[shape.length - 1], true);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${where}: ${error.message}`);
  }
}

/**
 * Reads the ticket of an opened file.
 * @returns the question where the order of its layers must be given
 */
function readOpened(name: string, bytes: Uint8Array, layers: string | undefined): ReadTicket | LayersNeeded {
  const names = layers?.split(",").map((one) => one.trim());
  try {
    if (!/\.(safetensors|json)$/i.test(name)) {
      refuseForeignFormat(bytes, name);
      throw new InputError(
        `${name}: is neither a .zip of run folders nor a ticket (.safetensors, or masks as .json): give one of these, or a run folder`,
      );
    }
    return openTicket(bytes, name, { layers: names });
  } catch (error) {
    if (error instanceof LayersNeeded) return error;
    throw error;
  }
}
