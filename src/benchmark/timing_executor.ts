import type { PassTime } from "../device/pass_times.ts";
import type { DeviceExecutor } from "../engine/shared/device_executor.ts";
import type { BuffersOf, DataBuffer, DataRange, Executor, PreparedCall, RunResult } from "../engine/shared/executor.ts";
import type { Kernel, UniformOf } from "../kernels/kernel.ts";

/** A prepared call and its times. */
export interface TimedCall {
  readonly kernel: Kernel;
  readonly uniform: Readonly<Record<string, number>>;
  readonly population: number;
  /** Nanoseconds per run of the call, one entry for each pass that was long enough for the clock. */
  readonly ns: number[];
  /** Number of runs in the next pass; larger for short runs. */
  repeats: number;
}

/** Properties of kernels that timing needs. */
export interface KernelTraits {
  /** Whether a call may be repeated immediately: it does not count steps or epochs. */
  readonly mayRepeat: (kernel: Kernel) => boolean;
  /** Whether the kernel is the last call of an epoch. */
  readonly endsEpoch: (kernel: Kernel) => boolean;
}

/** Target time of a pass whose call may be repeated: 15 times the coarsest clock resolution, 65.5 us. */
const passNs = 1e6;
/** Maximum number of runs of a call in a pass. */
const mostRepeats = 256;

/**
 * Runs training on a device and times every call by the device's clock, each in its own pass. Calls that may be
 * repeated are repeated until the pass is long enough for the clock. The trained values are therefore wrong; only the
 * times are used.
 */
export class TimingExecutor implements Executor {
  readonly #calls = new Map<PreparedCall, TimedCall>();
  /** The timed calls, in the order of their first run. */
  readonly #ran = new Set<TimedCall>();
  readonly #pending: Promise<void>[] = [];
  /** Greatest common divisor of all timestamps so far. */
  #grainNs = 0n;
  /**
   * Number of epoch ends until which calls are timed, set by the caller; Infinity for no limit. Engines submit more
   * work than their levels need, since levels end on their own; later calls find no network in training and take almost
   * no time, so they must not be timed.
   */
  epochsToTime = 0;

  /**
   * @param device the executor that runs the calls; destroyed with this one
   * @param traits properties of kernels
   */
  constructor(
    readonly device: DeviceExecutor,
    readonly traits: KernelTraits,
  ) {}

  get name(): string {
    return this.device.name;
  }

  get isSoftware(): boolean {
    return this.device.isSoftware;
  }

  get targetMs(): number {
    return this.device.targetMs;
  }

  /** Observed resolution of the device's clock: the largest number of nanoseconds that divides all timestamps. */
  get clockGrainNs(): number {
    return Number(this.#grainNs);
  }

  /**
   * The times since the last call of this function, by kernel call in the order of the first runs.
   * @throws DeviceError when the device has failed
   */
  async takeTimes(): Promise<TimedCall[]> {
    await Promise.all(this.#pending.splice(0));
    return [...this.#ran].map((call) => ({ ...call, ns: call.ns.splice(0) })).filter(({ ns }) => ns.length > 0);
  }

  load(kernels: readonly Kernel[]): Promise<void> {
    return this.device.load(kernels);
  }

  createBuffer(label: string, sizeBytes: number): DataBuffer {
    return this.device.createBuffer(label, sizeBytes);
  }

  free(buffer: DataBuffer): void {
    this.device.free(buffer);
  }

  write(target: DataBuffer, data: ArrayBufferView, offsetBytes = 0): void {
    this.device.write(target, data, offsetBytes);
  }

  clear(target: DataBuffer, offsetBytes: number, sizeBytes: number): void {
    this.device.clear(target, offsetBytes, sizeBytes);
  }

  copy(source: DataBuffer, target: DataBuffer, offsetBytes: number, sizeBytes: number): void {
    this.device.copy(source, target, offsetBytes, sizeBytes);
  }

  prepare<K extends Kernel>(kernel: K, uniform: UniformOf<K>, buffers: BuffersOf<K>, population: number): PreparedCall {
    const call = this.device.prepare(kernel, uniform, buffers, population);
    this.#calls.set(call, { kernel, uniform, population, ns: [], repeats: 1 });
    return call;
  }

  run(calls: readonly PreparedCall[]): void {
    const known = calls.map((call) => this.#calls.get(call));
    let timed = 0;
    for (; timed < calls.length && this.epochsToTime > 0; timed++) {
      const kernel = known[timed]?.kernel;
      if (kernel && this.traits.endsEpoch(kernel)) this.epochsToTime--;
    }
    if (timed > 0) this.#time(calls.slice(0, timed), known.slice(0, timed));
    if (timed < calls.length) this.device.run(calls.slice(timed));
  }

  async runAndRead(calls: readonly PreparedCall[], ranges: readonly DataRange[]): Promise<RunResult> {
    this.run(calls);
    const content = ranges.map(({ source, offsetBytes, sizeBytes }) => this.read(source, offsetBytes, sizeBytes));
    return { content: await Promise.all(content), time: undefined };
  }

  read(source: DataBuffer, offsetBytes: number, sizeBytes: number): Promise<ArrayBuffer> {
    return this.device.read(source, offsetBytes, sizeBytes);
  }

  destroy(): void {
    this.device.destroy();
  }

  #time(calls: readonly PreparedCall[], known: readonly (TimedCall | undefined)[]): void {
    const repeats = known.map((call) => call?.repeats ?? 1);
    for (const call of known) if (call) this.#ran.add(call);
    const taking = this.device.runTimed(calls, repeats).then((times) => {
      for (const [k, time] of times.entries()) this.#take(known[k], time, repeats[k]);
    });
    // Awaited later; prevents an unhandled rejection until then.
    taking.catch(() => {});
    this.#pending.push(taking);
  }

  #take(call: TimedCall | undefined, { begin, end }: PassTime, repeats: number): void {
    if (!call || end < begin) return;
    for (const stamp of [begin, end]) this.#grainNs = commonDivisor(this.#grainNs, stamp);
    const ns = Number(end - begin);
    if (!this.traits.mayRepeat(call.kernel)) {
      call.ns.push(ns);
    } else if (ns >= passNs / 2 || repeats === mostRepeats) {
      call.ns.push(ns / repeats);
    } else {
      const wanted = Math.max(repeats * 2, Math.ceil((passNs * repeats) / Math.max(ns, 1)));
      call.repeats = Math.max(call.repeats, Math.min(mostRepeats, wanted));
    }
  }
}

function commonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
