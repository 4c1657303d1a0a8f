import type { WorkerOptions } from "node:worker_threads";
import { nodeThreads } from "../../src/base/threads/node.ts";
import script from "../../src/engine/cpu/thread/node.ts?script";
import type { StartThread } from "../../src/engine/cpu/thread.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import { nodePlatform } from "../../src/run/node.ts";
import type { Phase } from "./phases.ts";
import { differences, type TrialResult, trainRuns } from "./runs.ts";

/** What a thread of the CPU engine does when it is lost. */
const faults = {
  "cpu: throws": 'throw new Error("lost on purpose");',
  "cpu: exits": "process.exit(3);",
  "cpu: no memory": "for (const all = []; ; ) all.push(new Array(100_000).fill(all.length + 0.5));",
} as const;
export type ThreadFault = keyof typeof faults;
export const threadFaults = Object.keys(faults) as ThreadFault[];

/** Phases of a thread, by the order that begins each. */
const orders = {
  "set-up": "open",
  upload: "train",
  training: "train",
  "read-back": "values",
  checkpoint: "checkpoint",
} as const satisfies Partial<Record<Phase, string>>;
export type ThreadPhase = keyof typeof orders;
export const threadPhases = Object.keys(orders) as ThreadPhase[];

/** Longest time from the start of a level to a loss in training, in ms. */
const longestMs = 40;
/** Room for a thread, which one without memory has filled in a fraction of a second. */
const options: WorkerOptions = { resourceLimits: { maxOldGenerationSizeMb: 32 } };

/** Runs whose threads are lost, each at the order that begins a phase. */
export class ThreadTrials {
  readonly #random: () => number;
  #whole: ReadonlyMap<string, string> | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * Loses the first threads, each by another run: a level that loses two is given up.
   * @param phases of each thread that is lost, two at most
   */
  async next(fault: ThreadFault, phases: readonly ThreadPhase[]): Promise<TrialResult> {
    const losses: Phase[] = [];
    try {
      this.#whole ??= await this.#run(startNodeThread);
      const lost = new Set<number>();
      let started = 0;
      const start: StartThread = (events) => {
        const number = started++;
        if (number >= phases.length) return startNodeThread(events);
        const begin = this.#faulty(fault, phases[number], number);
        return begin({
          answer: events.answer,
          ended: (reason) => {
            if (!lost.has(number)) losses.push(phases[number]);
            lost.add(number);
            events.ended(reason);
          },
        });
      };
      const files = await this.#run(start);
      return { losses, problem: differences(this.#whole, files) };
    } catch (error) {
      return { losses, problem: (error as Error).stack };
    }
  }

  /** A real thread that is lost when it receives an order: at once, or within the training that the order begins. */
  #faulty(fault: ThreadFault, phase: ThreadPhase, seed: number): StartThread {
    // The thread of number n is lost by the run of seed n alone.
    const isDue = phase === "training" || phase === "upload" ? `order.job.seed === ${seed}` : "true";
    const delay = Math.floor(this.#random() * longestMs);
    const lose = phase === "training" ? `setTimeout(() => { ${faults[fault]} }, ${delay})` : faults[fault];
    const listener = `(order) => { if (order.kind === "${orders[phase]}" && ${isDue}) { ${lose} } }`;
    return nodeThreads(`require("node:worker_threads").parentPort.on("message", ${listener});${script}`, options);
  }

  #run(startThread: StartThread): Promise<ReadonlyMap<string, string>> {
    const platform = { ...nodePlatform(), startThread, cores: 2 };
    return trainRuns(
      platform,
      { device: "cpu" },
      {
        event: (event) => {
          // A thread that is lost rejects this as well as the level.
          if (event.kind === "training") event.weights().catch(() => {});
        },
      },
    );
  }
}
