import { availableParallelism } from "node:os";
import { openNodeDevice } from "../../src/device/node.ts";
import { chooseAdapterEngine, openAdapterEngine } from "../../src/engine/adapter/choose.ts";
import { openCpuEngine, planCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import type { Engine, LevelTraining, TrainingNetwork } from "../../src/engine/engine.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { TiledEngine } from "../../src/engine/tiled/tiled_engine.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { lr } from "./case_files.ts";
import type { PeerCase } from "./cases.ts";
import type { Losses, Participant } from "./participant.ts";

/** Memory of the CPU engine's threads: far more than any case needs. */
const memoryBytes = 2 ** 33;

/** Opens one of our engines for a case; `close` frees what it stands on as well. */
type OpenEngine = (one: PeerCase) => Promise<{ engine: Engine; close: () => void }>;

/** An engine of the adapter, opened as `run` opens it. */
export function onAdapter(name: "resident" | "tiled"): Participant {
  return new Ours(async ({ shape, dataset, batch, population }) => {
    const networks = Array.from({ length: population }, () => ({ shape, batch }));
    const chosen = chooseAdapterEngine({ networks, dataset }, name);
    const device = await openNodeDevice({ largestBindingBytes: chosen.largestBindingBytes });
    const engine = await openAdapterEngine(chosen, device, availableParallelism());
    const close = () => {
      engine.close();
      device.destroy();
    };
    return { engine, close };
  });
}

/** The CPU engine on so many cores, a network each. */
export function onCores(cores: number): Participant {
  return new Ours(async ({ shape, dataset, batch, population }) => {
    const limits = { networks: population, cores, memoryBytes };
    const engine = openCpuEngine(planCpuEngine({ networks: [{ shape, batch }], dataset }, limits), startNodeThread);
    return { engine, close: () => engine.close() };
  });
}

/** The losses that every participant must come to: those of the twins. */
export async function expectedLosses(one: PeerCase): Promise<Losses> {
  const twins = new Ours(async ({ shape, dataset, batch }) => {
    const engine = await TiledEngine.open(new TwinExecutor(), { shape, dataset, batch, slots: 1 });
    return { engine, close: () => engine.close() };
  });
  try {
    return await twins.open(one);
  } finally {
    twins.close();
  }
}

/** An engine of ours, in this process. */
class Ours implements Participant {
  #opened: { one: PeerCase; engine: Engine; close: () => void } | undefined;
  /** The networks, admitted before the clock runs; empty where the engine has fewer slots than the case has networks. */
  #held: TrainingNetwork[] = [];

  constructor(readonly openEngine: OpenEngine) {}

  async open(one: PeerCase): Promise<Losses> {
    this.#opened = { one, ...(await this.openEngine(one)) };
    const { engine } = this.#opened;
    if (engine.slots >= one.population) {
      this.#held = await Promise.all(seedsOf(one).map((seed) => this.#admit(seed)));
    }
    const levels = await this.#train(one.levelEpochs ?? 1);
    return { train: levels.map((level) => level.trainLoss), validation: levels.map((level) => level.valLoss) };
  }

  async trial(repeats: number): Promise<number> {
    const { levelEpochs } = this.#case();
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
    this.#held = [];
  }

  #case(): PeerCase {
    if (!this.#opened) throw new Error("no case is open");
    return this.#opened.one;
  }

  #admit(seed: number): Promise<TrainingNetwork> {
    const { shape, mask } = this.#case();
    return this.#opened!.engine.admit({ label: `seed ${seed}`, seed, initial: initialParameters(shape, seed), mask });
  }

  /** One level of every network, from its initial weights. */
  #train(epochs: number): Promise<LevelTraining[]> {
    const settings = { optimizer: "adam", lr, maxEpochs: epochs, patience: epochs, keep: "last" } as const;
    return Promise.all(
      seedsOf(this.#case()).map(async (seed) => {
        const network = this.#held[seed] ?? (await this.#admit(seed));
        const training = await network.train(0, settings);
        if (this.#held.length === 0) network.release();
        return training;
      }),
    );
  }
}

function seedsOf({ population }: PeerCase): number[] {
  return Array.from({ length: population }, (_, seed) => seed);
}
