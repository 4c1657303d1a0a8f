import { invariant } from "../../base/errors.ts";
import { formatShape } from "../../base/shape.ts";
import type { Device } from "../../device/device.ts";
import type { Engine, LevelJob, LevelObserver, TrainedLevel } from "../engine.ts";
import { ResidentEngine } from "../resident/resident_engine.ts";
import { uploadDataset } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor } from "../shared/executor.ts";
import { TiledEngine } from "../tiled/tiled_engine.ts";
import { residentMostEdges } from "./cost.ts";
import type { AdapterPlan, SizePlan } from "./plan.ts";

/**
 * Workgroup of the resident kernel on an adapter: quads of samples by blocks of neurons, and its memory for rows. A
 * software adapter runs a workgroup on one thread, so the workgroup is as wide as the SIMD lanes; its workgroup memory
 * is no faster than storage, and SwiftShader compiles that kernel three times as long.
 */
export function residentWorkgroup({ kind, lanes, workgroupBytes }: Pick<Device, "kind" | "lanes" | "workgroupBytes">) {
  if (kind === "software") return { workgroup: [Math.min(lanes, 8), 1] as const, workgroupBytes: 0 };
  return { workgroup: [16, 16] as const, workgroupBytes };
}

type TiledPlan = NonNullable<SizePlan["tiled"]>;

/** A tiled engine that is open or opening; `levels` counts the levels that use it or wait for one of its slots. */
interface OpenTiled {
  readonly engine: Promise<TiledEngine>;
  levels: number;
}

/**
 * The engine of an adapter. Trains each level with the kernels of least cost (dense, sparse or resident) by the plan's
 * crossover. One tiled engine for all sizes with the same number of layers and the same batch, and one resident engine
 * for all sizes, share the device and one copy of the dataset. An engine is opened when the first level needs it. An idle tiled engine is closed when another needs
 * its memory.
 */
export class AdapterEngine implements Engine {
  readonly name: Engine["name"];
  readonly executor: string;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly #data: DataBuffer;
  /** In order of opening. */
  readonly #tiled = new Map<TiledPlan, OpenTiled>();
  #resident: Promise<ResidentEngine> | undefined;
  #freeBytes: number;
  /** Callbacks of the levels that wait for memory. */
  readonly #waiting: (() => void)[] = [];

  /** @param device owned by the engine */
  constructor(
    readonly device: Executor,
    readonly plan: AdapterPlan,
    readonly adapter: Pick<Device, "kind" | "lanes" | "workgroupBytes">,
    /** Number of processor cores that a software adapter uses, from 1. */
    readonly cores: number,
  ) {
    this.name = plan.name;
    this.executor = device.name;
    this.slots = plan.slots;
    this.memoryBytes = plan.deviceBytes;
    this.#freeBytes = plan.tiledBytes;
    this.#data = uploadDataset(device, plan.dataset);
  }

  async train(job: LevelJob, observer?: LevelObserver): Promise<TrainedLevel> {
    const size = this.#sizeOf(job);
    if (this.#isResident(size, job.mask.count())) return (await this.#openResident()).train(job, observer);
    const { tiled } = size;
    invariant(tiled, "the plan has no tiled population for this size");
    const engine = await this.#enterTiled(tiled);
    try {
      const trained = await engine.train(job, observer);
      const release = () => {
        trained.release();
        this.#leaveTiled(tiled);
      };
      return { ...trained, release };
    } catch (error) {
      this.#leaveTiled(tiled);
      throw error;
    }
  }

  close(): void {
    this.device.destroy();
  }

  #sizeOf({ label, start: { shape }, settings: { batch } }: LevelJob): SizePlan {
    const ofShape = this.plan.sizes.filter((size) => formatShape(size.shape) === formatShape(shape));
    invariant(ofShape.length > 0, `${label}: shape ${formatShape(shape)} is not in the plan`);
    const size = ofShape.find((each) => each.batch === batch);
    invariant(size, `${label}: batch ${batch} is not in the plan for shape ${formatShape(shape)}`);
    return size;
  }

  #isResident({ shape, batch }: SizePlan, edges: number): boolean {
    const used = Math.min(batch, this.plan.dataset.train.samples);
    return edges <= residentMostEdges(shape, used, this.plan.crossovers[this.adapter.kind]);
  }

  #openResident(): Promise<ResidentEngine> {
    const { resident } = this.plan;
    invariant(resident, "the plan has no resident population");
    const own = residentWorkgroup(this.adapter);
    const sideBySide = this.adapter.kind === "software" ? this.cores : resident.plan.slots;
    this.#resident ??= ResidentEngine.open(this.device, { ...resident.plan, ...own, sideBySide }, this.#data);
    return this.#resident;
  }

  /**
   * Waits for memory, then returns the tiled engine of a population. The caller must call {@link #leaveTiled} afterwards.
   */
  async #enterTiled(tiled: TiledPlan): Promise<TiledEngine> {
    let open = this.#tiled.get(tiled) ?? this.#openTiled(tiled);
    while (!open) {
      await new Promise<void>((wake) => this.#waiting.push(wake));
      open = this.#tiled.get(tiled) ?? this.#openTiled(tiled);
    }
    open.levels++;
    try {
      return await open.engine;
    } catch (error) {
      this.#leaveTiled(tiled);
      if (open.levels === 0) this.#closeTiled(tiled);
      throw error;
    }
  }

  /**
   * Opens a tiled engine; closes idle ones if it needs their memory. Returns undefined if the engines in use leave too
   * little.
   */
  #openTiled(tiled: TiledPlan): OpenTiled | undefined {
    const neededBytes = this.#tiledBytes(tiled);
    const idle = [...this.#tiled].filter(([, { levels }]) => levels === 0).map(([each]) => each);
    const idleBytes = idle.reduce((sum, each) => sum + this.#tiledBytes(each), 0);
    if (neededBytes > this.#freeBytes + idleBytes) return undefined;
    while (neededBytes > this.#freeBytes) this.#closeTiled(idle.shift());
    this.#freeBytes -= neededBytes;
    const { sparseUpTo } = this.plan.crossovers[this.adapter.kind];
    const engine = TiledEngine.open(this.device, { ...tiled.plan, sparseUpTo }, this.#data);
    const open = { engine, levels: 0 };
    this.#tiled.set(tiled, open);
    return open;
  }

  #leaveTiled(tiled: TiledPlan): void {
    const open = this.#tiled.get(tiled);
    invariant(open, "a level leaves a tiled engine that is not open");
    open.levels--;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #closeTiled(tiled: TiledPlan | undefined): void {
    const open = tiled && this.#tiled.get(tiled);
    invariant(open, "no idle tiled engine is left to close");
    this.#tiled.delete(tiled);
    this.#freeBytes += this.#tiledBytes(tiled);
    // A tiled engine that failed to open holds no memory, and its waiting levels have already received the error.
    open.engine.then(
      (engine) => engine.close(),
      () => {},
    );
  }

  #tiledBytes({ memoryBytes }: TiledPlan): number {
    return memoryBytes - this.#data.sizeBytes;
  }
}
