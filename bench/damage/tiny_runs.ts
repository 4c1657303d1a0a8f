import type { Files } from "../../src/base/files.ts";
import type { Dataset } from "../../src/dataset/dataset.ts";
import { openCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../src/engine/cpu/plan.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { datasetFor, loadSamples } from "../../src/lottery/dataset.ts";
import { type LotteryRun, runLottery } from "../../src/lottery/lottery.ts";
import type { RunEvent, RunObserver } from "../../src/lottery/messages.ts";
import type { Spec } from "../../src/lottery/spec.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { type NewRun, openRunFolder } from "../../src/store/open_run.ts";
import { specHash } from "../../src/store/spec_hash.ts";

/** Files of a run folder by name, without `timings.jsonl`, which no run has twice. */
export type Contents = Readonly<Record<string, Uint8Array>>;

/** Where the runs are kept in memory. */
const root = "runs";

const access = {
  idxFile: () => Promise.reject(new Error("no image set here")),
  readFile: () => Promise.reject(new Error("no file here")),
  openFile: () => Promise.reject(new Error("no file here")),
};

/** Runs of some ms on the CPU engine, in memory: four levels of a network of 36 weights. */
export class TinyRuns {
  readonly #engine: Engine;

  private constructor(
    readonly spec: Spec,
    readonly dataset: Dataset,
    engine: Engine,
  ) {
    this.#engine = engine;
  }

  /** @param keys of the spec that replace those of the tiny run */
  static async open(keys: object = {}): Promise<TinyRuns> {
    const tiny = { dataset: "moons-circles", shape: [4, 6, 2], levels: 3, rate: 0.3, maxEpochs: 2, stopAt: "none" };
    const { spec } = resolveSpec({ ...tiny, ...keys }, "tiny run");
    const dataset = datasetFor(spec, await loadSamples(spec, access));
    const limits = { networks: 1, cores: 1, memoryBytes: 2 ** 30 };
    return new TinyRuns(
      spec,
      dataset,
      openCpuEngine(planCpuEngine({ networks: [spec], dataset }, limits, "tiny run"), startNodeThread),
    );
  }

  /** What names the run of a seed. */
  async newRun(seed: number): Promise<NewRun> {
    const spec = JSON.parse(JSON.stringify(this.spec));
    const { tasks, coverage } = this.dataset;
    const program = { version: "1.0.0", numeric: 1, kernels: "0123456789abcdef" };
    return { name: "tiny", specHash: await specHash(spec), seed, executor: "cpu", spec, tasks, coverage, program };
  }

  async path(seed: number): Promise<string> {
    return `${root}/tiny-${(await this.newRun(seed)).specHash}/seed-${seed}`;
  }

  /** Trains a seed from what is in `files` until it ends. */
  async run(files: Files, seed: number, observe?: RunObserver, signal?: AbortSignal): Promise<LotteryRun> {
    const folder = await openRunFolder(files, root, await this.newRun(seed));
    const { spec, dataset } = this;
    return runLottery(
      { experiment: 0, seed, spec, dataset, engine: this.#engine, observe, ...(signal && { signal }) },
      folder,
    );
  }

  /** Trains a seed without storing anything. */
  runUnstored(seed: number): Promise<LotteryRun> {
    const { spec, dataset } = this;
    return runLottery({ experiment: 0, seed, spec, dataset, engine: this.#engine });
  }

  /** The files of a run that was stopped after some levels, or has ended if there are no more. */
  async filesAfter(levels: number, seed: number): Promise<MemoryFiles> {
    const files = new MemoryFiles();
    const stop = new AbortController();
    const observe = (event: RunEvent) => {
      if (event.kind === "level" && event.record.level === levels - 1) stop.abort("stopped");
    };
    try {
      await this.run(files, seed, levels < this.spec.remaining.length ? observe : undefined, stop.signal);
    } catch (error) {
      if (error !== "stopped") throw error;
    }
    return files;
  }

  /** All deterministic files of a run, and `run.json`. */
  async contents(files: MemoryFiles, seed: number): Promise<Contents> {
    const path = await this.path(seed);
    const names = (await files.list(path)).filter((name) => name !== "timings.jsonl");
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await files.read(`${path}/${name}`)] as const)),
    );
  }

  close(): void {
    this.#engine.close();
  }
}

/** Names of the files that differ or are on one side only. */
export function differingFiles(one: Contents, other: Contents): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (name) => !one[name] || !other[name] || !sameBytes(one[name], other[name]),
  );
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
