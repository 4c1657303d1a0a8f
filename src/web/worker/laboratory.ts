import { analyze } from "../../analysis/analyze.ts";
import { activeOutDegree } from "../../analysis/out_degree.ts";
import { InputError, invariant } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import type { CoverageKind, Task } from "../../base/task.ts";
import { isDataPath } from "../../dataset/registry.ts";
import { browserAdapter } from "../../device/chrome.ts";
import { openDataset, outlineFor } from "../../lottery/dataset.ts";
import { resolveSpec, type Spec } from "../../lottery/spec.ts";
import type { SpecInput } from "../../lottery/spec_schema.ts";
import { storedStart } from "../../lottery/start_weights.ts";
import { Mask } from "../../mask/mask.ts";
import { maskedParameters } from "../../pruning/masked.ts";
import { ticketGraphml } from "../../report/graphml.ts";
import type { EngineChoice } from "../../run/options.ts";
import type { Platform } from "../../run/platform.ts";
import { runExperiments } from "../../run/run.ts";
import { readArchive, runFiles, writeArchive } from "../../store/archive.ts";
import { LayersNeeded } from "../../store/layer_order.ts";
import { MemoryFiles } from "../../store/memory.ts";
import { readRunFolder } from "../../store/open_run.ts";
import { levelFile, runPath } from "../../store/run_path.ts";
import { readTicket, type Ticket, writeTicket } from "../../store/ticket_file.ts";
import type {
  BranchRequest,
  ExperimentRequest,
  LabEvent,
  Laboratory,
  Opened,
  StabilityRequest,
  TicketQuestions,
} from "../protocol.ts";
import { boundaries, hasPlanes } from "./boundary.ts";
import { branchWatch } from "./branch_watch.ts";
import {
  branchesPlan,
  branchUse,
  measuredStability,
  type ReportScript,
  stabilityPlan,
  trainedBranches,
} from "./branches.ts";
import { DrawnWeights } from "./drawn_weights.ts";
import { LevelGate } from "./level_gate.ts";
import { readOpenedRuns } from "./opened_runs.ts";
import { fitTasks, readOpenedTicket } from "./opened_ticket.ts";
import { networkPicture, type Side } from "./picture.ts";
import { chromePlatform } from "./platform.ts";
import { ticketOutline } from "./ticket_outline.ts";

/** The visitor ended the training. */
class Stopped extends Error {
  override name = "Stopped";
}

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

interface Running {
  readonly controller: AbortController;
  readonly gate: LevelGate;
}

/** The worker's side of the page: runs experiments, keeps their files in memory, and reads pictures from them. */
export class LocalLaboratory implements Laboratory {
  readonly #files = new MemoryFiles();
  readonly #platform: Platform;
  readonly #known = new Map<string, Known>();
  readonly #weights = new DrawnWeights();
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
    await this.#untilStopped((running) => this.#run({ name, spec: input }, { device, engine }, running), isPaused);
  }

  /**
   * Trains something, one at a time.
   * @returns undefined if it was stopped
   */
  async #untilStopped<Result>(
    train: (running: Running) => Promise<Result>,
    isPaused = false,
  ): Promise<Result | undefined> {
    invariant(!this.#running, "training is started while something else trains");
    const running: Running = { controller: new AbortController(), gate: new LevelGate(!isPaused) };
    this.#running = running;
    try {
      return await train(running);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      return undefined;
    } finally {
      this.#running = undefined;
      this.#weights.allHaveEnded();
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
          this.#weights.hear(path, event);
          return;
        }
        if (event.kind === "failed") this.#weights.hasEnded(path);
        this.send({ kind: "run", path, message: event });
      },
      onRestart: ({ cause }) => {
        this.#weights.allHaveEnded();
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

  branchUse(path: string) {
    return branchUse(this.#platform, path);
  }

  branchesPlan(request: BranchRequest) {
    return branchesPlan(this.#platform, request);
  }

  stabilityPlan(request: StabilityRequest) {
    return stabilityPlan(this.#platform, request);
  }

  branches(request: BranchRequest) {
    return this.#untilStopped(async (running) => {
      const script = await this.#reportScript();
      return trainedBranches(this.#platform, request, this.#watch(running), script);
    });
  }

  stability(request: StabilityRequest) {
    return this.#untilStopped(async (running) => {
      const script = await this.#reportScript();
      return measuredStability(this.#platform, request, this.#watch(running), script);
    });
  }

  #watch({ controller: { signal } }: Running) {
    return branchWatch(signal, (progress) => this.send({ kind: "branches", progress }));
  }

  /** Loaded before anything is trained for it; the browser keeps it. */
  async #reportScript(): Promise<ReportScript> {
    const { href } = new URL("reports.js", this.base);
    try {
      return await import(href);
    } catch (error) {
      throw new InputError(`${href}: cannot be loaded (${(error as Error).message}); is the server running?`);
    }
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
    this.#weights.allHaveEnded();
    this.#running?.controller.abort(new Stopped("the training was stopped"));
  }

  async reset(): Promise<void> {
    invariant(!this.#running, "runs are forgotten while an experiment runs");
    this.#files.clear();
    this.#known.clear();
    this.#weights.clear();
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
    const parameters = (await this.#weights.now(path, level)) ?? (await this.#ticket(path, level)).parameters;
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
    return this.#openRuns(name, runFiles(files, name));
  }

  async openFile(name: string, bytes: Uint8Array<ArrayBuffer>, asked: TicketQuestions): Promise<Opened> {
    if (/\.zip$/i.test(name)) return this.#openRuns(name, readArchive(bytes, name));
    const opened = readOpenedTicket(name, bytes, asked.layers);
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
  async #openRuns(name: string, opened: MemoryFiles): Promise<Opened> {
    if (this.#running) {
      throw new InputError(`${name}: runs are opened when none is in training; stop the training first`);
    }
    const found = await readOpenedRuns(name, opened, root);
    for (const { run, coverage, files } of found) {
      const { path, shape, tasks } = run;
      this.#known.set(path, { shape, tasks, coverage });
      await this.#files.makeFolder(path);
      for (const [file, content] of files) await this.#files.write(file, content);
    }
    const all = found.map(({ run }) => run);
    const runs = all.filter(({ branch }) => branch === undefined);
    if (runs.length === 0) return { kind: "runs", runs: all, branches: [] };
    return { kind: "runs", runs, branches: all.filter(({ branch }) => branch !== undefined) };
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
    const parameters = this.#weights.trained(path, level) ?? stored.parameters;
    return { shape: stored.shape, mask: stored.mask, ...(parameters && { parameters }) };
  }
}
