import { availableParallelism } from "node:os";
import { openNodeDevice } from "../../src/device/node.ts";
import { AdapterEngine } from "../../src/engine/adapter/adapter_engine.ts";
import { planAdapterEngine } from "../../src/engine/adapter/plan.ts";
import { openCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../src/engine/cpu/plan.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import type { Engine, LevelTraining } from "../../src/engine/engine.ts";
import { DeviceExecutor } from "../../src/engine/shared/device_executor.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { TiledEngine } from "../../src/engine/tiled/tiled_engine.ts";
import { initialParameters } from "../../src/network/initial.ts";
import type { Parameters } from "../../src/network/parameters.ts";
import { lr } from "./case_files.ts";
import type { PeerCase } from "./cases.ts";
import type { Losses, Participant } from "./participant.ts";

/** Memory limit of the CPU engine's threads; far more than any case needs. */
const memoryBytes = 2 ** 33;

/** Opens one of our engines for a case; `close` also frees its device. */
type OpenEngine = (one: PeerCase) => Promise<{ engine: Engine; close: () => void }>;

/** An engine of the adapter, opened as `run` opens it. */
export function onAdapter(name: "resident" | "tiled"): Participant {
  return new Ours(async ({ shape, dataset, batch, population }) => {
    const networks = Array.from({ length: population }, () => ({ shape, batch }));
    const chosen = planAdapterEngine({ networks, dataset }, name);
    const device = await openNodeDevice({ largestBindingBytes: chosen.largestBindingBytes });
    const engine = new AdapterEngine(new DeviceExecutor(device), chosen, device, availableParallelism());
    const close = () => {
      engine.close();
      device.destroy();
    };
    return { engine, close };
  });
}

/** The CPU engine on a number of cores, one network per core at a time. */
export function onCores(cores: number): Participant {
  return new Ours(async ({ shape, dataset, batch, population }) => {
    const limits = { networks: population, cores, memoryBytes };
    const plan = planCpuEngine({ networks: [{ shape, batch }], dataset }, limits, "a peer");
    const engine = openCpuEngine(plan, startNodeThread);
    return { engine, close: () => engine.close() };
  });
}

/** The losses of the twins, which every participant must reproduce. */
export async function expectedLosses(one: PeerCase): Promise<Losses> {
  const twins = new Ours(async ({ shape, dataset, batch }) => {
    const engine = await TiledEngine.open(new TwinExecutor(), { shapes: [shape], dataset, batch, slots: 1 });
    return { engine, close: () => engine.close() };
  });
  try {
    return await twins.open(one);
  } finally {
    twins.close();
  }
}

/** One of our engines, in this process. */
class Ours implements Participant {
  #opened: { one: PeerCase; engine: Engine; close: () => void } | undefined;
  /** Initial parameters by seed, drawn before timing. */
  #starts: Parameters[] = [];

  constructor(readonly openEngine: OpenEngine) {}

  async open(one: PeerCase): Promise<Losses> {
    this.#opened = { one, ...(await this.openEngine(one)) };
    this.#starts = Array.from({ length: one.population }, (_, seed) => initialParameters(one.shape, seed));
    const levels = await this.#train(one.levelEpochs ?? 1);
    return { train: levels.map((level) => level.trainLoss), validation: levels.map((level) => level.valLoss) };
  }

  async trial(repeats: number): Promise<number> {
    const levelEpochs = this.#opened?.one.levelEpochs;
    const startedAt = performance.now();
    if (levelEpochs === undefined) await this.#train(repeats);
    else for (let k = 0; k < repeats; k++) await this.#train(levelEpochs);
    return performance.now() - startedAt;
  }

  async leave(): Promise<void> {
    this.close();
  }

  close(): void {
    this.#opened?.close();
    this.#opened = undefined;
    this.#starts = [];
  }

  /** Trains one level of every network from its initial weights. */
  #train(epochs: number): Promise<LevelTraining[]> {
    if (!this.#opened) throw new Error("no case is open");
    const { engine, one } = this.#opened;
    const { batch, mask } = one;
    const settings = { optimizer: "adam", lr, batch, maxEpochs: epochs, patience: epochs, keep: "last" } as const;
    return Promise.all(
      this.#starts.map(async (start, seed) => {
        const trained = await engine.train({ label: `seed ${seed}`, seed, level: 0, settings, start, mask });
        trained.release();
        return trained.training;
      }),
    );
  }
}
