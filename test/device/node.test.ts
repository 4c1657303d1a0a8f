import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Device } from "../../src/device/device.ts";
import { openNodeDevice } from "../../src/device/node.ts";
import { DeviceExecutor } from "../../src/engine/shared/device_executor.ts";
import type { DataBuffer, PreparedCall } from "../../src/engine/shared/executor.ts";
import { arithmeticCeiling } from "../../src/kernels/arithmetic_ceiling.ts";

let device: Device;
let executor: DeviceExecutor;
let results: DataBuffer;
/** Keeps the device busy for a while. */
let call: PreparedCall;
beforeAll(async () => {
  device = await openNodeDevice();
  executor = new DeviceExecutor(device);
  await executor.load([arithmeticCeiling]);
  const [factors, sums] = ["factors", "results"].map((label) => executor.createBuffer(label, 4096));
  results = sums;
  call = executor.prepare(arithmeticCeiling, { invocations: 64, rounds: 2000 }, { factors, results }, 1);
});
afterAll(() => device.destroy());

/** Milliseconds that it takes to wait for a number of runs of the call. */
async function wait(runs: number): Promise<number> {
  const startedAt = performance.now();
  executor.run(Array(runs).fill(call));
  await executor.read(results, 0, 16);
  return performance.now() - startedAt;
}

const times = `/proc/self/task/${process.pid}/stat`;
/** Seconds of processor time of the thread that waits. */
function threadSeconds(): number {
  const fields = readFileSync(times, "utf8").replace(/^.*\)/, "").trim().split(" ");
  // User and system time, in hundredths.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

describe("a device in Node", () => {
  it.runIf(existsSync(times))("leaves the processor to others while it waits", async () => {
    let runs = 1;
    while ((await wait(runs)) < 1000) runs *= 2;
    const before = threadSeconds();
    const elapsedMs = await wait(runs);
    const share = ((threadSeconds() - before) * 1000) / elapsedMs;
    console.log(`waiting takes ${(share * 100).toFixed(0)} % of a processor core`);
    expect(share).toBeLessThan(0.3);
  });

  it("answers as soon after many reads side by side as before", async () => {
    let last = executor.read(results, 0, 16);
    for (let k = 0; k < 300; k++) {
      const next = executor.read(results, 0, 16);
      await last;
      last = next;
    }
    await last;
    const times = [];
    for (let k = 0; k < 10; k++) times.push(await wait(0));
    expect(Math.min(...times)).toBeLessThan(50);
  });
});
