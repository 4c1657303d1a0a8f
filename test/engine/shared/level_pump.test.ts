import { describe, expect, it } from "vitest";
import { DeviceError } from "../../../src/base/errors.ts";
import { nextTurn } from "../../../src/base/next_turn.ts";
import { StructArray, type StructLayout } from "../../../src/base/struct_array.ts";
import {
  LevelPump,
  type LevelWork,
  levelsAtOnce,
  type Status,
  type Submitted,
} from "../../../src/engine/shared/level_pump.ts";
import { reflect } from "../../../src/kernels/reflect.ts";
import { taskLoss } from "../../../src/kernels/task_loss.ts";
import { Parameters } from "../../../src/network/parameters.ts";
import { jobOf } from "../small_networks.ts";

it.each([
  [1, 2, 1],
  [2, 2, 2],
  [5, 16, 5],
  [3, 2, 2],
  [7, 2, 2],
  [8, 2, 4],
  [32, 2, 16],
  [33, 16, 16],
  [5, 1, 2],
])("of %i levels, %i of which train side by side, %i train at once", (all, sideBySide, expected) => {
  expect(levelsAtOnce(all, sideBySide)).toBe(expected);
});

const length = { perEpoch: 1, evaluateEvery: 1, most: 6, evaluations: 6 };

/** The struct of a network on the device, as declared in the shaders. */
const networkStruct = reflect(taskLoss).storage.find(({ name }) => name === "networks")?.struct as StructLayout;

/** Engine operations whose levels end with their first submission; records the order of the starts. */
class OneSubmission implements LevelWork {
  readonly networkStruct = networkStruct;
  readonly targetMs = 50;
  readonly firstWork = 1;
  readonly mostWork = 1;
  readonly started: number[] = [];

  constructor(
    readonly slots: number,
    readonly sideBySide: number,
  ) {}

  start(slot: number): void {
    this.started.push(slot);
  }

  submit(work: number): Submitted {
    return { work, status: this.status() };
  }

  async status(): Promise<Status> {
    const networks = new StructArray(this.networkStruct, new ArrayBuffer(this.slots * this.networkStruct.sizeBytes));
    return { time: undefined, networks, scoreSums: () => [] };
  }
}

const stateOf = (parameters: Parameters) => async () => ({ parameters, moments: [] });

/** The order in which the pump starts waiting levels, given the remaining work of each. */
async function startingOrder(remainingWork: readonly (number | undefined)[], sideBySide: number): Promise<number[]> {
  const work = new OneSubmission(remainingWork.length, sideBySide);
  const pump = new LevelPump(work);
  const start = new Parameters([1, 1]);
  const levels = remainingWork.map((work, slot) => {
    const job = jobOf(slot, { start, ...(work !== undefined && { remainingWork: work }) });
    return pump.train(
      { slot, job, kernels: "resident", observer: {}, length },
      { weights: async () => start, checkpoint: async () => undefined },
      stateOf(start),
    );
  });
  await Promise.all(levels);
  return work.started;
}

it.each([1, 2, 7])(
  "starts the level with most remaining work first, of equals the first come (%i side by side)",
  async (sideBySide) => {
    expect(await startingOrder([3, 1, 7, undefined, 5, 7, 3], sideBySide)).toEqual([2, 5, 4, 0, 6, 1, 3]);
  },
);

/** A device that trains networks in simulated time: `processors` at once, the others after them. */
class SimulatedDevice implements LevelWork {
  readonly networkStruct = networkStruct;
  readonly targetMs = 10;
  readonly firstWork = 100;
  readonly mostWork = 1e9;
  readonly sideBySide = 256;
  /** Work that each level still needs, by slot. */
  readonly needed = new Map<number, number>();
  /** The submissions, in order. */
  readonly submissions: { readonly networks: number; readonly work: number; readonly ms: number; waiting: number }[] =
    [];
  /** Time by the host's clock; the device's clock when the last submission ends. */
  hostMs = 1000;
  deviceMs = 1000;
  /** Called when a status arrives, with the number of the submission. */
  arrived: (submission: number) => void = () => {};
  #waiting = 0;

  constructor(
    readonly processors: number,
    readonly hasTimestamps: boolean,
    /** Work of a level. */
    readonly levelWork: number,
    readonly msPerWork = 0.001,
  ) {}

  /** The step that a submission's status tells of every network. */
  stepOf(submission: number): number {
    return submission + 1;
  }

  start(slot: number): void {
    this.needed.set(slot, this.levelWork);
  }

  /** Cost of work for the network of a slot; 1 if a subclass does not say. */
  load?(slot: number): number;

  submit(work: number): Submitted {
    const running = [...this.needed].filter(([, needed]) => needed > 0);
    const load = running.reduce((sum, [slot]) => sum + (this.load?.(slot) ?? 1), 0);
    const ms = work * this.msPerWork * Math.ceil(load / this.processors);
    for (const [slot, needed] of running) this.needed.set(slot, needed - work);
    const ended = new Set([...this.needed].filter(([, needed]) => needed <= 0).map(([slot]) => slot));
    const begin = Math.max(this.deviceMs, this.hostMs);
    this.deviceMs = begin + ms;
    this.submissions.push({ networks: running.length, work, ms, waiting: ++this.#waiting });
    return { work, status: this.#status(this.submissions.length - 1, begin, this.deviceMs, ended) };
  }

  async #status(submission: number, begin: number, end: number, ended: ReadonlySet<number>): Promise<Status> {
    await nextTurn();
    this.#waiting--;
    this.hostMs = Math.max(this.hostMs, end);
    this.arrived(submission);
    const networks = new StructArray(networkStruct, new ArrayBuffer(256 * networkStruct.sizeBytes));
    for (let slot = 0; slot < 256; slot++) {
      networks.set(slot, "running", ended.has(slot) ? 0 : 1);
      networks.set(slot, "step", this.stepOf(submission));
    }
    const nanoseconds = (ms: number) => BigInt(Math.round(ms * 1e6));
    const time = this.hasTimestamps ? { begin: nanoseconds(begin), end: nanoseconds(end) } : undefined;
    return { time, networks, scoreSums: () => [] };
  }
}

/** Trains levels in slots `first` .. `first + count - 1`. */
async function train(pump: LevelPump, first: number, count: number): Promise<void> {
  const start = new Parameters([1, 1]);
  const slots = Array.from({ length: count }, (_, k) => first + k);
  await Promise.all(
    slots.map((slot) =>
      pump.train(
        { slot, job: jobOf(slot, { start }), kernels: "resident", observer: {}, length },
        { weights: async () => start, checkpoint: async () => undefined },
        stateOf(start),
      ),
    ),
  );
}

const pumpOf = (device: SimulatedDevice) => new LevelPump(device, () => device.hostMs);

describe.each([
  ["the device's clock", true],
  ["the host's clock", false],
])("submissions by %s", (_, hasTimestamps) => {
  it("take about the target time", async () => {
    const device = new SimulatedDevice(1, hasTimestamps, 1e6);
    await train(pumpOf(device), 0, 1);
    const times = device.submissions.map(({ ms }) => ms);
    expect(Math.max(...times)).toBeLessThanOrEqual(10.001);
    expect(Math.min(...times.slice(20, -5))).toBeGreaterThan(9.9);
  });

  it.each([1, 16, 256])("never take more when 256 networks follow one, on %i processors", async (processors) => {
    const device = new SimulatedDevice(processors, hasTimestamps, 1e6);
    const pump = pumpOf(device);
    let others: Promise<void> | undefined;
    device.arrived = (submission) => {
      if (submission === 20) others = train(pump, 1, 255);
    };
    await train(pump, 0, 1);
    await others;
    const first = device.submissions.findIndex(({ networks }) => networks === 256);
    expect(device.submissions[first - 1].ms).toBeGreaterThan(9.9);
    expect(device.submissions[first].ms).toBeGreaterThan(0.03);
    expect(Math.max(...device.submissions.map(({ ms }) => ms))).toBeLessThanOrEqual(10.001);
    // The device is used fully again a few submissions later.
    expect(device.submissions[first + 24].ms).toBeGreaterThan(9);
  });

  it("never take more when a network follows whose work costs a thousand times as much", async () => {
    class Uneven extends SimulatedDevice {
      override load = (slot: number) => (slot === 0 ? 1 : 1000);
    }
    const device = new Uneven(1, hasTimestamps, 4e5);
    const pump = pumpOf(device);
    let other: Promise<void> | undefined;
    device.arrived = (submission) => {
      if (submission === 20) other = train(pump, 1, 1);
    };
    await train(pump, 0, 1);
    await other;
    const first = device.submissions.findIndex(({ networks }) => networks === 2);
    expect(first).toBeGreaterThan(20);
    expect(Math.max(...device.submissions.map(({ ms }) => ms))).toBeLessThanOrEqual(10.001);
    expect(device.submissions[first + 20].ms).toBeGreaterThan(8);
  });

  it.each([
    ["the host stalls for 5 s", 5000],
    ["the host's clock is set back by an hour", -3.6e6],
  ])("change by a factor of 2 at most when %s", async (_, jumpMs) => {
    const device = new SimulatedDevice(1, hasTimestamps, 1e6);
    device.arrived = (submission) => {
      if (submission !== 40) return;
      device.hostMs += jumpMs;
      if (jumpMs < 0) device.deviceMs += jumpMs;
    };
    await train(pumpOf(device), 0, 1);
    const times = device.submissions.slice(30, -5).map(({ ms }) => ms);
    expect(Math.max(...times)).toBeLessThanOrEqual(20.001);
    expect(Math.min(...times)).toBeGreaterThan(4.9);
    expect(times.at(-1)).toBeGreaterThan(9.9);
  });

  it("do not grow while levels end within them", async () => {
    const device = new SimulatedDevice(1, hasTimestamps, 50);
    const pump = pumpOf(device);
    for (let level = 0; level < 30; level++) await train(pump, 0, 1);
    expect(Math.max(...device.submissions.map(({ work }) => work))).toBe(100);
  });
});

it("keeps two submissions in flight, and three while the device waits for the host", async () => {
  const device = new SimulatedDevice(1, true, 2e6);
  // From submission 60 to 64 the host needs 15 ms for a status, longer than a submission takes.
  device.arrived = (submission) => {
    if (submission >= 60 && submission < 65) device.hostMs += 15;
  };
  await train(pumpOf(device), 0, 1);
  const waiting = device.submissions.map((submission) => submission.waiting);
  expect(Math.max(...waiting.slice(0, 60))).toBe(2);
  expect(Math.max(...waiting.slice(64, 110))).toBe(3);
  expect(Math.max(...waiting.slice(130, -3))).toBe(2);
});

describe("a device that does not do what it is told is given up", () => {
  it("where it takes no step of a level, submission after submission", async () => {
    class Stale extends SimulatedDevice {
      override stepOf = (submission: number) => Math.min(submission, 3);
    }
    const device = new Stale(1, true, 1e6);
    const training = train(pumpOf(device), 0, 2);
    await expect(training).rejects.toBeInstanceOf(DeviceError);
    await expect(training).rejects.toThrow(
      "seed 0, level 0: the device has taken no step in 16 submissions, after step 3",
    );
    // The pump goes on with other levels, as a device that does its work allows.
    device.stepOf = (submission) => submission;
    await train(new LevelPump(device, () => device.hostMs), 2, 1);
  });

  it("where it does not answer, but not where the host was too busy to hear", async () => {
    const start = new Parameters([1, 1]);
    class Silent extends SimulatedDevice {
      override submit(work: number): Submitted {
        return this.submissions.length < 5 ? super.submit(work) : { work, status: new Promise(() => {}) };
      }
    }
    const device = new Silent(1, true, 1e9);
    const pump = new LevelPump(device, () => device.hostMs, { lookMs: 20, mostLooks: 5 });
    device.arrived = (submission) => {
      const until = performance.now() + (submission === 2 ? 300 : 0);
      while (performance.now() < until);
    };
    const level = { slot: 0, job: jobOf(0, { start }), kernels: "resident", observer: {}, length } as const;
    const now = { weights: async () => start, checkpoint: async () => undefined };
    await expect(pump.train(level, now, stateOf(start))).rejects.toThrow(
      "the device has not answered a submission for 0.1 s",
    );
    expect(device.submissions).toHaveLength(5);
  });
});
