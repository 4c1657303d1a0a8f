import { nodePlatform } from "../../src/run/node.ts";
import { runExperiments } from "../../src/run/run.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { randomNumbers } from "../crash/random.mjs";

/** The engines under trial: those that are quick to compile more often. */
export const engines = ["sparse", "dense", "sparse", "tiled", "sparse", "resident", "sparse", "auto"] as const;
export type Engine = (typeof engines)[number];

/** What became of one run. */
export interface LossResult {
  /** Number of devices that were lost and replaced. */
  readonly losses: number;
  /** Undefined where the bytes are those of a run without a loss. */
  readonly problem: string | undefined;
}

/** Runs three networks of three levels and loses their devices at random moments. */
export class LossTrials {
  readonly #random: () => number;
  /** By engine, the files of a run without a loss and the time that it took in ms. */
  readonly #whole = new Map<Engine, { readonly files: Map<string, string>; readonly ms: number }>();

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  /** Most devices are lost, at moments spread over the time of a whole run; the others are left alone. */
  async next(engine: Engine): Promise<LossResult> {
    const whole = this.#whole.get(engine) ?? (await this.#runWhole(engine));
    let losses = 0;
    const timers: ReturnType<typeof setTimeout>[] = [];
    const files = new MemoryFiles();
    try {
      await this.#run(engine, files, {
        opened: (lose) => {
          if (this.#random() < 1 / 6) return;
          const at = this.#random() * whole.ms;
          timers.push(setTimeout(lose, at));
        },
        restarted: () => losses++,
      });
    } catch (error) {
      // More losses in a row without a gain than a run outlives: it has said so, and goes on when it is begun again.
      const { message } = error as Error;
      if (!message.includes("fresh devices failed likewise")) return { losses, problem: (error as Error).stack };
      for (const timer of timers) clearTimeout(timer);
      losses++;
      await this.#run(engine, files, {});
    }
    for (const timer of timers) clearTimeout(timer);
    const differing = differences(whole.files, contentsOf(files));
    return { losses, problem: differing.length === 0 ? undefined : `other bytes in ${differing.join(", ")}` };
  }

  async #runWhole(engine: Engine) {
    const files = new MemoryFiles();
    const startedAt = performance.now();
    await this.#run(engine, files, {});
    const whole = { files: contentsOf(files), ms: performance.now() - startedAt };
    this.#whole.set(engine, whole);
    return whole;
  }

  async #run(
    engine: Engine,
    files: MemoryFiles,
    { opened, restarted }: { opened?: (lose: () => void) => void; restarted?: () => void },
  ): Promise<void> {
    const platform = nodePlatform();
    await runExperiments(
      {
        ...platform,
        files,
        locks: undefined,
        openDevice: async (request) => {
          const device = await platform.openDevice(request);
          opened?.(() => device.gpu.destroy());
          return device;
        },
      },
      "moons-circles",
      {
        device: "software",
        engine,
        out: "r",
        set: { extension: 2, maxEpochs: 40, keepCurves: true, keep: "best", seeds: [0, 1, 2] },
        checkpointEvery: 0.05,
        onRestart: () => restarted?.(),
      },
    );
  }
}

/** The files that are a function of spec and adapter, as text. */
function contentsOf(files: MemoryFiles): Map<string, string> {
  const stored = files.entries().filter(([path]) => !/(timings\.jsonl|run\.json)$/.test(path));
  return new Map(stored.map(([path, content]) => [path, Buffer.from(content).toString("base64")]));
}

function differences(expected: ReadonlyMap<string, string>, actual: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...expected.keys(), ...actual.keys()]);
  return [...paths].filter((path) => expected.get(path) !== actual.get(path));
}
