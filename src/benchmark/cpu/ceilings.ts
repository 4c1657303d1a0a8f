import { RunError } from "../../base/errors.ts";
import { measure, type Pace } from "../measure.ts";
import type { Ceilings } from "../result.ts";
import { inverse } from "../statistics.ts";
import bytes from "./kernels.wasm";

interface CeilingKernels {
  multiplyAdds(factors: number, rounds: number, result: number): void;
  copyBytes(from: number, to: number, bytes: number): void;
}

/** Floating-point operations of a round: a product and a sum for 12 chains of 4 numbers, 4 iterations. */
export const flopsPerRound = 12 * 4 * 4 * 2;

/** Takes some milliseconds on one core. */
const rounds = 2 ** 18;
/** As many bytes as the adapters copy. */
const copiedBytes = 128 * 2 ** 20;
const pageBytes = 65536;

/** The kernels and their memory: factors at address 0, the result at 16, the copied data after the first page. */
export function openCeilingModule(copied: number): {
  kernels: CeilingKernels;
  memory: WebAssembly.Memory;
  from: number;
  to: number;
} {
  const pages = Math.ceil(copied / pageBytes);
  const memory = new WebAssembly.Memory({ initial: 1 + 2 * pages });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const kernels = instance.exports as unknown as CeilingKernels;
  return { kernels, memory, from: pageBytes, to: pageBytes + pages * pageBytes };
}

/**
 * Measures the arithmetic and bandwidth ceilings of the calling thread with WebAssembly SIMD. Each result is checked
 * before it is timed.
 * @throws RunError when a result is wrong; the signal's reason
 */
export async function measureThreadCeilings(pace: Pace, signal?: AbortSignal): Promise<Ceilings> {
  const { kernels, memory, from, to } = openCeilingModule(copiedBytes);
  const floats = new Float32Array(memory.buffer);
  const timed = (work: () => void) => async (repeats: number) => {
    const startedAt = performance.now();
    for (let repeat = 0; repeat < repeats; repeat++) work();
    return performance.now() - startedAt;
  };

  // Integers below 2^24, so every sum is exact. A chain that starts at k ends at k + iterations.
  floats.set([1, 1]);
  const checkedRounds = 2 ** 14;
  kernels.multiplyAdds(0, checkedRounds, 16);
  const sum = 12 * 4 * checkedRounds + (11 * 12) / 2;
  const lanes = floats.subarray(4, 8);
  if (lanes.some((lane) => lane !== sum)) {
    throw new RunError(`the multiply-adds of the CPU's ceiling give ${lanes}, not ${sum}: nothing was timed`);
  }
  const arithmetic = await measure(
    timed(() => kernels.multiplyAdds(0, rounds, 16)),
    1,
    pace,
    signal,
  );

  const words = new Uint32Array(memory.buffer);
  for (let k = 0; k < copiedBytes / 4; k++) words[from / 4 + k] = k;
  kernels.copyBytes(from, to, copiedBytes);
  for (let k = 0; k < copiedBytes / 4; k++) {
    if (words[to / 4 + k] !== k) throw new RunError(`word ${k} of the CPU's copy is wrong: nothing was timed`);
  }
  const copy = await measure(
    timed(() => kernels.copyBytes(from, to, copiedBytes)),
    1,
    pace,
    signal,
  );
  return {
    of: "cpu",
    executor: "WebAssembly SIMD, one thread",
    arithmeticGflops: inverse(arithmetic, (rounds * flopsPerRound) / 1e6),
    bandwidthGbytes: inverse(copy, (2 * copiedBytes) / 1e6),
  };
}
