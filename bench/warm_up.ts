import type { Device } from "../src/device/device.ts";
import { DeviceExecutor } from "../src/engine/shared/device_executor.ts";
import { arithmeticCeiling } from "../src/kernels/arithmetic_ceiling.ts";

/**
 * Time that a graphics processor computes before a trial, in ms. Between short dispatches an H200 lowers its clock to a
 * fifth of what it has under load.
 */
const warmUpMs = 300;

/** Shortest submission in ms, so that the adapter is hardly idle between two of them. */
const submissionMs = 10;

/** Keeps a graphics processor busy before each trial; does nothing on a software adapter, which has no clock of its own. */
export class WarmUp {
  /** Calls in a submission; grows until a submission is long enough. */
  #calls = 1;

  private constructor(
    readonly executor: DeviceExecutor,
    readonly ms: number,
    readonly submit: (calls: number) => Promise<void>,
  ) {}

  /** @param ms time of each warm-up */
  static async open(device: Device, ms: number = device.kind === "gpu" ? warmUpMs : 0): Promise<WarmUp> {
    const executor = new DeviceExecutor(device);
    await executor.load([arithmeticCeiling]);
    const uniform = { invocations: 2 ** 18, rounds: 128 };
    const factors = executor.createBuffer("factors of the warm-up", 8);
    const results = executor.createBuffer("results of the warm-up", uniform.invocations * 16);
    executor.write(factors, Float32Array.of(1, 1));
    const call = executor.prepare(arithmeticCeiling, uniform, { factors, results }, 1);
    return new WarmUp(executor, ms, async (calls) => {
      executor.run(Array(calls).fill(call));
      await executor.read(results, 0, 16);
    });
  }

  async run(): Promise<void> {
    let now = performance.now();
    const endsAt = now + this.ms;
    while (now < endsAt) {
      const startedAt = now;
      await this.submit(this.#calls);
      now = performance.now();
      if (now - startedAt < submissionMs) this.#calls *= 2;
    }
  }

  close(): void {
    this.executor.destroy();
  }
}
