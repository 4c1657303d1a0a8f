import { RunError } from "../base/errors.ts";
import type { DataBuffer, Executor, PreparedCall } from "../engine/shared/executor.ts";
import { arithmeticCeiling, arithmeticCeilingFlops } from "../kernels/arithmetic_ceiling.ts";
import { bandwidthCeiling, bandwidthCeilingBytes } from "../kernels/bandwidth_ceiling.ts";
import { arithmeticCeiling as arithmeticTwin } from "../twin/arithmetic_ceiling.ts";
import { measure, type Pace } from "./measure.ts";
import type { Ceilings } from "./result.ts";
import { inverse, type Spread } from "./statistics.ts";

/** Enough invocations for all lanes of the largest adapters: 4,096 workgroups of 64. */
const arithmeticInvocations = 2 ** 18;
/** Rounds of 4 iterations; the start-up time of an invocation is negligible in comparison. */
const arithmeticRounds = 128;
/**
 * Bytes of each of the two buffers: the largest binding that every adapter supports, and several times the size of
 * caches.
 */
const copyBytes = 128 * 2 ** 20;
const copyQuads = copyBytes / 16;
/**
 * Number of vec4f per invocation: many are faster on a software adapter; a GPU needs many invocations to hide latency.
 */
const quadsPerInvocation = 32;

/**
 * Measures the arithmetic and bandwidth ceilings of an adapter. Each result is checked before it is timed.
 * @param executor the adapter's executor; destroyed at the end
 * @throws RunError when a result is wrong
 */
export async function measureCeilings(executor: Executor, pace: Pace, signal?: AbortSignal): Promise<Ceilings> {
  try {
    await executor.load([arithmeticCeiling, bandwidthCeiling]);
    const arithmeticGflops = await measureArithmetic(executor, pace, signal);
    const bandwidthGbytes = await measureBandwidth(executor, pace, signal);
    return { of: "adapter", executor: executor.name, arithmeticGflops, bandwidthGbytes };
  } finally {
    executor.destroy();
  }
}

async function measureArithmetic(executor: Executor, pace: Pace, signal?: AbortSignal): Promise<Spread> {
  const uniform = { invocations: arithmeticInvocations, rounds: arithmeticRounds };
  const factors = executor.createBuffer("factors", 8);
  const results = executor.createBuffer("results", arithmeticInvocations * 16);
  executor.write(factors, Float32Array.of(1, 1));
  const call = executor.prepare(arithmeticCeiling, uniform, { factors, results }, 1);
  executor.run([call]);
  // The results repeat every 64 invocations.
  const expected = new Float32Array(64 * 4);
  const sample = { invocations: 64, rounds: arithmeticRounds };
  arithmeticTwin(sample, { factors: Float32Array.of(1, 1), results: expected }, 1);
  const got = new Float32Array(await executor.read(results, 0, results.sizeBytes));
  const wrong = got.findIndex((value, k) => value !== expected[k % expected.length]);
  if (wrong >= 0) {
    throw new RunError(
      `arithmetic_ceiling on ${executor.name}: result ${wrong} is ${got[wrong]}, not ${expected[wrong % expected.length]}: nothing was timed`,
    );
  }
  return inverse(
    await measure(repeated(executor, call, results), 1, pace, signal),
    arithmeticCeilingFlops(uniform) / 1e6,
  );
}

async function measureBandwidth(executor: Executor, pace: Pace, signal?: AbortSignal): Promise<Spread> {
  const uniform = { quads: copyQuads, invocations: copyQuads / quadsPerInvocation };
  const originals = executor.createBuffer("originals", copyBytes);
  const copies = executor.createBuffer("copies", copyBytes);
  // All words differ, so that the data cannot be compressed and a wrong position is detected.
  const piece = new Uint32Array(2 ** 20);
  for (let first = 0; first < copyBytes / 4; first += piece.length) {
    for (let k = 0; k < piece.length; k++) piece[k] = word(first + k);
    executor.write(originals, piece, first * 4);
  }
  const call = executor.prepare(bandwidthCeiling, uniform, { originals, copies }, 1);
  executor.run([call]);
  // Checks both ends and eight places between, since reading back the whole buffer is slow.
  for (let k = 0; k <= 9; k++) {
    const first = k === 9 ? copyBytes - 4096 : Math.floor(((copyBytes / 9) * k) / 4096) * 4096;
    const got = new Uint32Array(await executor.read(copies, first, 4096));
    const wrong = got.findIndex((value, at) => value !== word(first / 4 + at));
    if (wrong >= 0) {
      throw new RunError(
        `bandwidth_ceiling on ${executor.name}: word ${first / 4 + wrong} is ${got[wrong]}, not ${word(first / 4 + wrong)}: nothing was timed`,
      );
    }
  }
  return inverse(
    await measure(repeated(executor, call, copies), 1, pace, signal),
    bandwidthCeilingBytes(uniform) / 1e6,
  );
}

/** A trial that runs a call repeatedly and waits for the end; returns ms. */
function repeated(executor: Executor, call: PreparedCall, result: DataBuffer): (repeats: number) => Promise<number> {
  return async (repeats) => {
    const startedAt = performance.now();
    executor.run(Array(repeats).fill(call));
    await executor.read(result, 0, 16);
    return performance.now() - startedAt;
  };
}

/** The word at a position of the buffer; always a finite f32, since the highest bit of the exponent is 0. */
function word(place: number): number {
  return (Math.imul(place, 0x9e3779b1) & 0xbfffffff) >>> 0;
}
