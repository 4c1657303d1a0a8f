import { nodePlatform } from "../../src/run/node.ts";
import type { EngineChoice } from "../../src/run/options.ts";
import { hearOperations, type Phase } from "./phases.ts";
import { differences, type TrialResult, trainRuns } from "./runs.ts";

/** The engines of an adapter. */
export const adapterEngines = ["dense", "sparse", "tiled", "resident", "auto"] as const;
export type AdapterEngine = (typeof adapterEngines)[number];

/** A run without a loss. */
interface Whole {
  readonly files: ReadonlyMap<string, string>;
  /** Number of operations of each phase. */
  readonly operations: ReadonlyMap<Phase, number>;
}

/** Runs whose devices are lost by a real `destroy()`, each at an operation of a phase. */
export class DeviceTrials {
  readonly #device: EngineChoice["device"];
  readonly #random: () => number;
  readonly #whole = new Map<AdapterEngine, Whole>();

  constructor(device: EngineChoice["device"], random: () => number) {
    this.#device = device;
    this.#random = random;
  }

  /** @param phases in which one device after the other is lost */
  async next(engine: AdapterEngine, phases: readonly Phase[]): Promise<TrialResult> {
    const whole = this.#whole.get(engine) ?? (await this.#runWhole(engine));
    const planned = [...phases];
    const losses: Phase[] = [];
    /** Of each lost device, the phase in which it was lost. */
    const lost: Phase[] = [];
    try {
      const files = await this.#run(engine, {
        opened: (lose) => {
          const phase = planned.shift();
          if (phase === undefined) return () => {};
          // What is left to do on a fresh device is less than the whole.
          let left = Math.floor(this.#random() ** 2 * (whole.operations.get(phase) ?? 1));
          const waits = this.#random() < 0.5;
          return (operation) => {
            if (operation !== phase || left-- > 0) return;
            left = Number.POSITIVE_INFINITY;
            lost.push(phase);
            if (waits) setImmediate(lose);
            else lose();
          };
        },
        restarted: () => losses.push(lost[losses.length]),
      });
      return { losses, problem: differences(whole.files, files) };
    } catch (error) {
      return { losses, problem: (error as Error).stack };
    }
  }

  async #runWhole(engine: AdapterEngine): Promise<Whole> {
    const operations = new Map<Phase, number>();
    const files = await this.#run(engine, {
      opened: () => (phase) => operations.set(phase, (operations.get(phase) ?? 0) + 1),
      restarted: () => {},
    });
    const whole = { files, operations };
    this.#whole.set(engine, whole);
    return whole;
  }

  #run(
    engine: AdapterEngine,
    { opened, restarted }: { opened: (lose: () => void) => (phase: Phase) => void; restarted: () => void },
  ): Promise<ReadonlyMap<string, string>> {
    const platform = nodePlatform();
    let hear = (_: Phase) => {};
    return trainRuns(
      {
        ...platform,
        openDevice: async (request) => {
          const device = await platform.openDevice(request);
          hear = opened(() => device.gpu.destroy());
          hearOperations(device, hear);
          return device;
        },
      },
      { device: this.#device, engine },
      // From here to the end of the level its weights are ranked, on the device or on the host.
      { event: ({ kind }) => kind === "trained" && hear("ranking"), restarted },
    );
  }
}
