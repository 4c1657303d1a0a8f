import { type BenchmarkProgress, benchmark } from "../../benchmark/benchmark.ts";
import type { BenchmarkResult } from "../../benchmark/result.ts";
import { browserAdapter, openChromeDevice } from "../../device/chrome.ts";
import { startChromeThread } from "../../engine/cpu/worker/chrome.ts";

/** The methods of the benchmark's worker. */
export interface BenchmarkHost {
  /**
   * Benchmarks the adapter, where there is one, and the CPU; rejected with an AbortError when stopped.
   * @param cases names of cases; none: all that suit the machine
   */
  run(cases: readonly string[], isQuick: boolean): Promise<BenchmarkResult>;
  stop(): Promise<void>;
}

/** Half of the memory of a tab. */
const memoryBytes = 2 * 2 ** 30;

/** Runs the benchmark of `split-ticket bench` in a worker. */
export class LocalBenchmarkHost implements BenchmarkHost {
  #stop = new AbortController();

  /** @param observe receives the progress */
  constructor(readonly observe: (progress: BenchmarkProgress) => void) {}

  async run(cases: readonly string[], isQuick: boolean): Promise<BenchmarkResult> {
    this.#stop = new AbortController();
    const device = (await browserAdapter()) ? await openChromeDevice() : undefined;
    const machine = {
      ...(device && { device }),
      cpu: { startThread: startChromeThread, cores: navigator.hardwareConcurrency, memoryBytes },
    };
    const options = { cases, engines: ["resident", "tiled", "cpu"], quick: isQuick } as const;
    try {
      return await benchmark(machine, { ...options, signal: this.#stop.signal }, this.observe);
    } finally {
      device?.destroy();
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
  }
}
