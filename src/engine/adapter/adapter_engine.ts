import { invariant } from "../../base/errors.ts";
import { formatShape, type Shape } from "../../base/shape.ts";
import type { Device } from "../../device/device.ts";
import type { Engine, NetworkStart, TrainingNetwork } from "../engine.ts";
import { ResidentEngine } from "../resident/resident_engine.ts";
import { uploadDataset } from "../shared/dataset_memory.ts";
import type { DataBuffer, Executor } from "../shared/executor.ts";
import { TiledEngine } from "../tiled/tiled_engine.ts";
import type { AdapterPlan, SizePlan } from "./choose.ts";
import { residentMostEdges } from "./cost.ts";

/**
 * Workgroup of the resident kernel on an adapter, pairs of sample quads by groups. A software adapter runs one on one thread, as
 * wide as its lanes: on SwiftShader, which has 4, a workgroup of 4 takes 36 % less processor time than one of 8 at 112 weights,
 * 9 % less at 500 and 7 % more at 3,591.
 */
export function residentWorkgroup({ kind, lanes }: Pick<Device, "kind" | "lanes">): readonly [number, number] {
  return kind === "software" ? [Math.min(lanes, 8), 1] : [8, 32];
}

/** A network where it trains now. */
interface Lodging {
  readonly size: SizePlan;
  readonly isResident: boolean;
  readonly network: TrainingNetwork;
  leave(): void;
}

/** A tiled engine that is open, or opening, and how many networks are in it or on their way into it. */
interface OpenTiled {
  readonly engine: Promise<TiledEngine>;
  users: number;
}

/**
 * The engine of an adapter: trains every level of every network by the kernels that the plan's crossover says, dense, sparse or
 * resident, and hands a network over as it is pruned. A tiled engine for each size of network and one resident engine for all
 * share a device and one copy of the dataset. They are opened when the first network needs them; a tiled one is closed when its
 * last network has left, and another waits to open until there is memory for it.
 */
export class AdapterEngine implements Engine {
  readonly name: Engine["name"];
  readonly executor: string;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly #data: DataBuffer;
  readonly #tiled = new Map<SizePlan, OpenTiled>();
  #resident: Promise<ResidentEngine> | undefined;
  #freeBytes: number;
  /** Wake those who wait for memory. */
  readonly #waiting: (() => void)[] = [];

  /** Owns the executor. */
  constructor(
    readonly device: Executor,
    readonly plan: AdapterPlan,
    readonly adapter: Pick<Device, "kind" | "lanes">,
    /** Processor cores that a software adapter runs on, from 1. */
    readonly cores: number,
  ) {
    this.name = plan.name;
    this.executor = device.name;
    this.slots = plan.slots;
    this.memoryBytes = plan.memoryBytes;
    this.#freeBytes = plan.tiledBytes;
    this.#data = uploadDataset(device, plan.dataset);
  }

  async admit(start: NetworkStart): Promise<TrainingNetwork> {
    const { shape } = start.initial;
    let mask = start.mask;
    // The first level's batch is not known yet; where the guess is wrong the network moves before it trains.
    let lodging: Promise<Lodging> | undefined = this.#enter(start, this.#sizeOf(shape, start.label));
    await lodging;
    const lodged = () => {
      invariant(lodging, `${start.label} was released`);
      return lodging;
    };
    return {
      train: async (level, settings, observe) => {
        const size = this.#sizeOf(shape, start.label, settings.batch);
        lodging = this.#moved(lodged(), { ...start, mask }, size);
        return (await lodging).network.train(level, { ...settings, batch: size.batch }, observe);
      },
      weights: async () => (await lodged()).network.weights(),
      prune: async (selection, level) => {
        mask = await (await lodged()).network.prune(selection, level);
        return mask.clone();
      },
      release: () => {
        // One that failed to move was told, and holds no place.
        lodging?.then(
          (last) => last.leave(),
          () => {},
        );
        lodging = undefined;
      },
    };
  }

  close(): void {
    this.device.destroy();
  }

  /** @param batch of a level; the largest of the shape's when left out */
  #sizeOf(shape: Shape, label: string, batch?: number): SizePlan {
    const ofShape = this.plan.sizes.filter((size) => formatShape(size.shape) === formatShape(shape));
    invariant(ofShape.length > 0, `${label}: shape ${formatShape(shape)} is none of the plan's`);
    const wanted = batch ?? Math.max(...ofShape.map((size) => size.batch));
    const size = ofShape.find((each) => each.batch === wanted);
    invariant(size, `${label}: batch ${batch} is none of the plan's for shape ${formatShape(shape)}`);
    return size;
  }

  #isResident({ shape, batch }: SizePlan, edges: number): boolean {
    const used = Math.min(batch, this.plan.dataset.train.samples);
    return edges <= residentMostEdges(shape, used, this.plan.crossovers[this.adapter.kind]);
  }

  /** Where a network is lodged once it is where its next level will train. */
  async #moved(from: Promise<Lodging>, start: NetworkStart, size: SizePlan): Promise<Lodging> {
    const now = await from;
    if (now.size === size && now.isResident === this.#isResident(size, start.mask.count())) return now;
    // Leaves before it enters, so that nobody waits in a circle.
    now.leave();
    return this.#enter(start, size);
  }

  async #enter(start: NetworkStart, size: SizePlan): Promise<Lodging> {
    if (this.#isResident(size, start.mask.count())) {
      const network = await (await this.#openResident()).admit(start);
      return { size, isResident: true, network, leave: () => network.release() };
    }
    const engine = await this.#enterTiled(size);
    const network = await engine.admit(start);
    return {
      size,
      isResident: false,
      network,
      leave: () => {
        network.release();
        this.#leaveTiled(size);
      },
    };
  }

  #openResident(): Promise<ResidentEngine> {
    const { resident } = this.plan;
    invariant(resident, "the plan has no resident population");
    const workgroup = residentWorkgroup(this.adapter);
    const sideBySide = this.adapter.kind === "software" ? this.cores : resident.plan.slots;
    this.#resident ??= ResidentEngine.open(this.device, { ...resident.plan, workgroup, sideBySide }, this.#data);
    return this.#resident;
  }

  async #enterTiled(size: SizePlan): Promise<TiledEngine> {
    for (;;) {
      let open = this.#tiled.get(size);
      const neededBytes = this.#tiledBytes(size);
      if (!open && neededBytes <= this.#freeBytes) {
        this.#freeBytes -= neededBytes;
        open = { engine: this.#openTiled(size), users: 0 };
        this.#tiled.set(size, open);
      }
      if (!open) {
        await new Promise<void>((wake) => this.#waiting.push(wake));
        continue;
      }
      open.users++;
      try {
        return await open.engine;
      } catch (error) {
        this.#leaveTiled(size);
        throw error;
      }
    }
  }

  #openTiled({ tiled }: SizePlan): Promise<TiledEngine> {
    invariant(tiled, "the plan has no tiled population for this size");
    const { sparseUpTo } = this.plan.crossovers[this.adapter.kind];
    return TiledEngine.open(this.device, { ...tiled.plan, sparseUpTo }, this.#data);
  }

  #leaveTiled(size: SizePlan): void {
    const open = this.#tiled.get(size);
    invariant(open, "a tiled engine was left that is not open");
    if (--open.users > 0) return;
    this.#tiled.delete(size);
    this.#freeBytes += this.#tiledBytes(size);
    // One that failed to open has told those who waited for it.
    open.engine.then(
      (engine) => engine.close(),
      () => {},
    );
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #tiledBytes({ tiled }: SizePlan): number {
    return tiled ? tiled.memoryBytes - this.#data.sizeBytes : 0;
  }
}
