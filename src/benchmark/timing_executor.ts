import type { PassTime } from "../device/pass_times.ts";
import type { DeviceExecutor } from "../engine/shared/device_executor.ts";
import type { BuffersOf, DataBuffer, Executor, PreparedCall } from "../engine/shared/executor.ts";
import type { Kernel, UniformOf } from "../kernels/kernel.ts";

/** What is known of one prepared call. */
export interface TimedCall {
  readonly kernel: Kernel;
  readonly uniform: Readonly<Record<string, number>>;
  readonly population: number;
  /** Nanoseconds of a run of the call, one entry a pass that was long enough for the clock. */
  readonly ns: number[];
  /** How often the next pass runs it: more often where a run is short. */
  repeats: number;
}

/** What must be known of a kernel to time it. */
export interface KernelTraits {
  /** Whether it may be run again at once: it counts neither steps nor epochs. */
  readonly mayRepeat: (kernel: Kernel) => boolean;
  /** Whether it is called once an epoch, and last. */
  readonly endsEpoch: (kernel: Kernel) => boolean;
}

/** A pass is as long as this where its call may be repeated: 15 grains of the coarsest clock, 65.5 us. */
const passNs = 1e6;
/** Runs of a call in a pass at most. */
const mostRepeats = 256;

/**
 * Runs training on a device and times every call by the device's clock, each in a pass of its own. A call that only reads what
 * others wrote, or may be done twice without harm to anything but the results, is repeated until the clock can see it; so what is
 * trained is worth nothing, and its times everything.
 */
export class TimingExecutor implements Executor {
  readonly #calls = new Map<PreparedCall, TimedCall>();
  /** The calls that were run while runs were timed, in the order of their first run. */
  readonly #ran = new Set<TimedCall>();
  readonly #pending: Promise<void>[] = [];
  /** Largest common divisor of all times seen. */
  #grainNs = 0n;
  /**
   * Ends of epochs up to which runs are still timed, Infinity for no end; whoever times sets it. An engine submits more than its
   * levels need, since they end by themselves, and a call that finds nobody to train takes next to no time.
   */
  epochsToTime = 0;

  /**
   * @param device the executor that runs the calls; destroyed with this one
   * @param traits what must be known of a kernel to time it
   */
  constructor(
    readonly device: DeviceExecutor,
    readonly traits: KernelTraits,
  ) {}

  get name(): string {
    return this.device.name;
  }

  /** Grain of the device's clock as it shows: the largest number of nanoseconds that divides every time. */
  get clockGrainNs(): number {
    return Number(this.#grainNs);
  }

  /**
   * The times taken since they were last asked for, by call in the order of their first run.
   * @throws DeviceError when the device failed on the way
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
    // Unhandled only until it is waited for.
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
