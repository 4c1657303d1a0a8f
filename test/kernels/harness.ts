import { afterAll, beforeAll, expect } from "vitest";
import { InternalError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/base/random.ts";
import { StructArray } from "../../src/base/struct_array.ts";
import { Device } from "../../src/device/device.ts";
import { adapterVariable } from "../../src/device/environment/node.ts";
import { DeviceExecutor } from "../../src/engine/shared/device_executor.ts";
import type { Executor } from "../../src/engine/shared/executor.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import type { Kernel, UniformOf } from "../../src/kernels/kernel.ts";
import { reflect, type StorageBinding } from "../../src/kernels/reflect.ts";
import { taskLoss } from "../../src/kernels/task_loss.ts";

/** Rounding unit of f32: half the distance from 1 to the next number. */
export const unitRoundoff = 2 ** -24;
/** Content of memory that was not written: finite, so that it changes sums and is not hidden by NaN. */
export const dirtyFloat = 1e30;
export const dirtyWord = 0xdeadbeef;

/** Elements of garbage past the end of every buffer, which no kernel may change. */
const guardElements = 8;

export type HostBuffer = Float32Array | Uint32Array | StructArray;
export type HostBuffers = Readonly<Record<string, HostBuffer>>;

/** One call of a kernel, with the buffers that the kernel names. */
export interface Call {
  readonly kernel: Kernel;
  readonly uniform: Readonly<Record<string, number>>;
  readonly population: number;
}

export function call<K extends Kernel>(kernel: K, uniform: UniformOf<K>, population = 1): Call {
  return { kernel, uniform, population };
}

/** Results of the same calls on the same memory. */
export interface Sides<Buffers extends HostBuffers> {
  readonly device: Buffers;
  readonly twin: Buffers;
}

/** Dawn; undefined where the host's own WebGPU is asked for, as `npm run test:wgpu` does in Deno. */
const isHosts = process.env.SPLIT_TICKET_WEBGPU === "host";
const dawn = isHosts ? undefined : await import("webgpu");
/** Leaves the processor to the adapter and to other tests while Dawn reads or compiles. */
const during = isHosts ? undefined : (await import("../../src/device/node.ts")).sleepDuring;
/** Whether the adapter of this process is a GPU, on which a level must be long to be seen in training. */
export const isOnGpu = process.env[adapterVariable]?.startsWith("gpu: ") === true;

let instance: GPU | undefined;

/** The instance of this process: created once and always referenced. */
export function gpuInstance(): GPU {
  if (!instance) {
    if (dawn) Object.assign(globalThis, dawn.globals);
    instance = dawn ? dawn.create([]) : navigator.gpu;
  }
  return instance;
}

let shared: Promise<Device> | undefined;

/**
 * The device of this process, which the files that run in it share: a software adapter compiles the resident kernel for
 * seconds, and a device keeps what it has compiled. The end of the process closes it.
 */
export function sharedDevice(): Promise<Device> {
  shared ??= Device.open(gpuInstance(), {}, during);
  return shared;
}

/** An executor on the shared device for the tests of a file. */
export function useDeviceExecutor(): () => DeviceExecutor {
  let executor: DeviceExecutor | undefined;
  beforeAll(async () => {
    executor = new DeviceExecutor(await sharedDevice());
  });
  afterAll(() => executor?.destroy());
  return () => {
    if (!executor) throw new InternalError("the device is opened before the first test");
    return executor;
  };
}

/** Opens a device and returns what runs calls on it and on the twins. */
export function useSides(): <Buffers extends HostBuffers>(
  calls: readonly Call[],
  buffers: Buffers,
) => Promise<Sides<Buffers>> {
  const device = useDeviceExecutor();
  const twin = new TwinExecutor();
  return async (calls, buffers) => ({
    device: await runOn(device(), calls, buffers),
    twin: await runOn(twin, calls, buffers),
  });
}

/** Runs calls on new memory and reads all of it back; checks that guards and read-only buffers are unchanged. */
export async function runOn<Buffers extends HostBuffers>(
  executor: Executor,
  calls: readonly Call[],
  buffers: Buffers,
): Promise<Buffers> {
  await executor.load(calls.map(({ kernel }) => kernel));
  const bindings = new Map<string, StorageBinding[]>();
  for (const { kernel } of calls) {
    for (const binding of reflect(kernel).storage) {
      bindings.set(binding.name, [...(bindings.get(binding.name) ?? []), binding]);
    }
  }
  const images = Object.fromEntries(
    Object.entries(buffers).map(([name, buffer]) => [name, guarded(buffer, bindings.get(name) ?? [])]),
  );
  const data = Object.fromEntries(
    Object.entries(images).map(([name, image]) => {
      const made = executor.createBuffer(name, image.byteLength);
      executor.write(made, image);
      return [name, made];
    }),
  );
  const prepared = calls.map(({ kernel, uniform, population }) => {
    const taken = Object.fromEntries(Object.keys(kernel.buffers).map((name) => [name, data[name]]));
    return executor.prepare(kernel, uniform, taken, population);
  });
  executor.run(prepared);
  const result: Record<string, HostBuffer> = {};
  for (const [name, buffer] of Object.entries(buffers)) {
    const words = new Uint32Array(await executor.read(data[name], 0, data[name].sizeBytes));
    const sizeBytes = buffer instanceof StructArray ? buffer.bytes.byteLength : buffer.byteLength;
    const isWritten = bindings.get(name)?.some(({ access }) => access === "read_write");
    const first = isWritten ? sizeBytes / 4 : 0;
    const touched = words.findIndex((word, i) => i >= first && word !== images[name][i]);
    expect(touched, `${executor.name}: first word of ${name} written past its ${sizeBytes / 4} or read only`).toBe(-1);
    const bytes = words.buffer.slice(0, sizeBytes);
    if (buffer instanceof StructArray) result[name] = new StructArray(buffer.layout, bytes);
    else result[name] = buffer instanceof Float32Array ? new Float32Array(bytes) : new Uint32Array(bytes);
  }
  for (const done of prepared) done.destroy();
  return result as Buffers;
}

/** A buffer's words, with garbage of whole elements behind them. */
function guarded(buffer: HostBuffer, bindings: readonly StorageBinding[]): Uint32Array {
  const source =
    buffer instanceof StructArray
      ? new Uint32Array(buffer.bytes)
      : new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.length);
  const elementWords = Math.max(...bindings.map(({ elementBytes }) => elementBytes / 4));
  const words = new Uint32Array(source.length + guardElements * elementWords);
  if (buffer instanceof Float32Array) new Float32Array(words.buffer).fill(dirtyFloat);
  else words.fill(dirtyWord);
  words.set(source);
  return words;
}

const variants = new Map<Kernel, Map<string, Kernel>>();

/**
 * The kernel with a given workgroup size, so that small sizes cross every boundary; one object per size, compiled once.
 */
export function withWorkgroup<K extends Kernel>(kernel: K, workgroup: readonly [number, number]): K {
  const sizes = variants.get(kernel) ?? new Map<string, Kernel>();
  variants.set(kernel, sizes);
  const variant = sizes.get(workgroup.join()) ?? { ...kernel, workgroup };
  sizes.set(workgroup.join(), variant);
  return variant as K;
}

export function dirtyFloats(length: number): Float32Array {
  return new Float32Array(length).fill(dirtyFloat);
}

export function dirtyWords(length: number): Uint32Array {
  return new Uint32Array(length).fill(dirtyWord);
}

/** Standard normal numbers, the same for the same seed. */
export function normals(length: number, seed: number): Float32Array {
  const stream = new RandomStream(seed, "datasetPoints");
  return Float32Array.from({ length }, () => stream.nextNormal());
}

/** Structs that a kernel's buffer holds, one per entry; members that an entry leaves out hold garbage. */
export function structs(
  kernel: Kernel,
  buffer: string,
  entries: readonly Readonly<Record<string, number>>[],
): StructArray {
  const layout = reflect(kernel).storage.find(({ name }) => name === buffer)?.struct;
  if (!layout) throw new InternalError(`${kernel.name} has no structs ${buffer}`);
  const array = new StructArray(layout, new ArrayBuffer(layout.sizeBytes * entries.length));
  entries.forEach((entry, index) => {
    for (const [field, { type }] of Object.entries(layout.fields)) {
      array.set(index, field, entry[field] ?? (type === "u32" ? dirtyWord : dirtyFloat));
    }
    for (const field of Object.keys(entry)) array.get(index, field);
  });
  return array;
}

/** Settings of a schedule without warm-up or milestones, and momentum of SGD. */
const standing = {
  momentum: 0.9,
  l1: 0,
  warmupSteps: 1,
  milestone1: 0,
  milestone2: 0,
  milestone3: 0,
  milestone4: 0,
  milestoneFactor: 1,
};

/** Networks of a population, running unless they say otherwise. */
export function networkStructs(entries: readonly Readonly<Record<string, number>>[]): StructArray {
  return structs(
    taskLoss,
    "networks",
    entries.map((entry) => ({ running: 1, weightDecay: 0, keepCurves: 0, ...standing, ...entry })),
  );
}

function wordsOf(buffer: HostBuffer): Uint32Array {
  return buffer instanceof StructArray
    ? new Uint32Array(buffer.bytes)
    : new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Integers, masks and copies: the same bit patterns. */
export function expectSameBits(actual: HostBuffer, expected: HostBuffer, what: string): void {
  const [a, b] = [wordsOf(actual), wordsOf(expected)];
  expect(a.length, `${what}: length`).toBe(b.length);
  const first = a.findIndex((word, i) => word !== b[i]);
  if (first < 0) return;
  const different = a.reduce((count, word, i) => count + (word === b[i] ? 0 : 1), 0);
  const hex = (word: number) => `0x${word.toString(16)}`;
  expect.fail(
    `${what}: ${different} of ${a.length} words differ, first [${first}] ${hex(a[first])}, not ${hex(b[first])}`,
  );
}

/**
 * Floats: every entry is within its bound of the expected one; a failure shows the entry with the largest error per
 * bound.
 * @param bound largest allowed error of entry i
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: (index: number) => number,
  what: string,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  let worst = -1;
  let worstRatio = 1;
  let failures = 0;
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    if (Object.is(actual[i], expected[i]) || error <= bound(i)) continue;
    failures++;
    const ratio = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error / bound(i);
    if (worst < 0 || ratio > worstRatio) [worst, worstRatio] = [i, ratio];
  }
  if (failures === 0) return;
  expect.fail(
    `${what}: ${failures} of ${actual.length} out of bounds, worst [${worst}] ${actual[worst]}, not ${expected[worst]} +- ${bound(worst)}`,
  );
}

/** Structs: integer members bit for bit, floats within `bounds[member]`, without which they must be equal too. */
export function expectStructs(
  actual: StructArray,
  expected: StructArray,
  bounds: Readonly<Record<string, (index: number, value: number) => number>>,
  what: string,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  for (let index = 0; index < actual.length; index++) {
    for (const field of Object.keys(actual.layout.fields)) {
      const value = expected.get(index, field);
      const bound = bounds[field]?.(index, value) ?? 0;
      expectClose([actual.get(index, field)], [value], () => bound, `${what}[${index}].${field}`);
    }
  }
}

/**
 * Bound of a sum of f32 products: each of `terms` additions and the last rounding have an error of at most one unit
 * roundoff of the absolute sum, whatever their order (Higham, "Accuracy and stability of numerical algorithms", section
 * 4.2); numbers below the smallest normal one may be flushed to 0.
 */
export function sumBound(terms: number, absoluteSum: number): number {
  return (terms + 3) * unitRoundoff * absoluteSum + (terms + 1) * 2 ** -126;
}
