import { describe, expect, it } from "vitest";
import { DeviceError } from "../../src/base/errors.ts";
import type { Device } from "../../src/device/device.ts";
import type { LotteryRun } from "../../src/lottery/lottery.ts";
import type { RunEvent } from "../../src/lottery/messages.ts";
import { nodePlatform } from "../../src/run/node.ts";
import type { DeviceRestart, RunOptions } from "../../src/run/options.ts";
import { runExperiments } from "../../src/run/run.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { readRunFolder } from "../../src/store/open_run.ts";

const set = { extension: 2, maxEpochs: 3, seeds: [0, 1] };
const options = { device: "software", engine: "sparse", set } as const;

interface Trial {
  readonly files: MemoryFiles;
  readonly restarts: readonly DeviceRestart[];
  readonly events: readonly RunEvent[];
  readonly opened: readonly Device[];
  readonly runs: readonly LotteryRun[];
}

/** Runs with devices that `lose` may destroy: it hears every event and device. */
async function trial(
  lose: (event: RunEvent | "opened", device: Device, devices: number) => void,
  change: Partial<RunOptions> = {},
): Promise<Trial> {
  const platform = nodePlatform();
  const files = new MemoryFiles();
  const [restarts, events, opened]: [DeviceRestart[], RunEvent[], Device[]] = [[], [], []];
  const { experiments } = await runExperiments(
    {
      ...platform,
      files,
      locks: undefined,
      openDevice: async (request) => {
        const device = await platform.openDevice(request);
        opened.push(device);
        lose("opened", device, opened.length);
        return device;
      },
    },
    "moons-circles",
    {
      ...options,
      out: "r",
      ...change,
      onRestart: (restart) => restarts.push(restart),
      observe: (event) => {
        events.push(event);
        const device = opened.at(-1);
        if (device) lose(event, device, opened.length);
      },
    },
  );
  return { files, restarts, events, opened, runs: experiments[0].runs };
}

/** The files of all runs that are a function of spec and adapter. */
function contentsOf(files: MemoryFiles): Record<string, Uint8Array> {
  return Object.fromEntries(files.entries().filter(([path]) => !/(timings\.jsonl|run\.json)$/.test(path)));
}

let undisturbed: Promise<Trial> | undefined;
const healthy = () => {
  undisturbed ??= trial(() => {});
  return undisturbed;
};

async function recordsOf(files: MemoryFiles) {
  const [folder] = await files.list("r");
  return Promise.all(set.seeds.map(async (seed) => (await readRunFolder(files, `r/${folder}/seed-${seed}`)).record));
}

const cause = expect.stringMatching(/: device lost \(destroyed\): \S/);

describe("a device that is lost", () => {
  it("as it is opened, as a level begins, in training, or as a level ends is replaced, to the same bytes", async () => {
    const whole = await healthy();
    /** Where the device of a number is lost. */
    const moments: ((event: RunEvent) => boolean)[] = [
      () => false,
      ({ kind }) => kind === "start",
      (event) => event.kind === "training" && event.level === 1,
      (event) => event.kind === "trained" && event.level === 1,
    ];
    const { files, restarts, events, runs, opened } = await trial((event, device, devices) => {
      const isMoment = event === "opened" ? devices === 1 : moments[devices - 1]?.(event);
      if (isMoment) device.gpu.destroy();
    });
    expect(contentsOf(files)).toEqual(contentsOf(whole.files));
    expect(runs).toEqual(whole.runs);
    expect(opened).toHaveLength(5);
    expect(restarts).toHaveLength(4);
    for (const restart of restarts) expect(restart).toEqual({ cause, runs: 2 });
    // Every level is told once.
    const told = events.flatMap((event) => (event.kind === "level" ? [`${event.seed} ${event.record.level}`] : []));
    expect([...told].sort()).toEqual(["0 0", "0 1", "0 2", "1 0", "1 1", "1 2"]);
    expect(events.filter(({ kind }) => kind === "found")).toEqual([]);
    expect(events.filter(({ kind }) => kind === "outcome")).toHaveLength(2);
    // run.json has those losses during which a level of the run was in training.
    for (const { restarts: noted } of await recordsOf(files)) {
      expect(noted?.length).toBeGreaterThan(1);
      for (const each of noted ?? []) {
        expect(each).toEqual({ level: expect.any(Number), cause, at: expect.stringMatching(/^20.*Z$/) });
      }
    }
    expect((await recordsOf(whole.files)).map((record) => record.restarts)).toEqual([undefined, undefined]);
  });

  it("goes on where it was where nothing is stored", async () => {
    const whole = await healthy();
    const { runs, files, events } = await trial(
      (event, device, devices) => {
        if (event !== "opened" && event.kind === "training" && event.level === 2 && devices === 1) device.gpu.destroy();
      },
      { out: null },
    );
    expect(runs).toEqual(whole.runs);
    expect(files.entries()).toEqual([]);
    const started = events.flatMap((event) => (event.kind === "start" ? [event.level] : []));
    // No level but those in training is trained twice.
    expect(started.length).toBeLessThanOrEqual(6 + 2);
  });

  it("again and again, with nothing gained, ends the runs: the cause, and what is kept", async () => {
    let devices = 0;
    const losing = trial((event, device, count) => {
      devices = count;
      if (event !== "opened" && event.kind === "training" && event.level === 1) device.gpu.destroy();
    });
    const failure = await losing.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as Error).message).toMatch(
      /: device lost \(destroyed\): .+; 3 fresh devices failed likewise before a level or checkpoint was done: finished levels are kept in r, the same command goes on from there$/,
    );
    expect(devices).toBeGreaterThanOrEqual(4);
    expect(devices).toBeLessThanOrEqual(6);
  });

  it("is not replaced by another adapter, nor without end where none answers", async () => {
    const platform = nodePlatform();
    let devices = 0;
    const failure = await runExperiments(
      {
        ...platform,
        files: new MemoryFiles(),
        locks: undefined,
        openDevice: async (request) => {
          const device = await platform.openDevice(request);
          if (++devices === 1) return device;
          return Object.defineProperty(device, "name", { value: "another adapter" });
        },
      },
      "moons-circles",
      {
        ...options,
        out: "r",
        observe: (event) => {
          if (event.kind === "training" && event.level === 1) throw new DeviceError("the device has failed");
        },
      },
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as Error).message).toBe(
      "the device has failed; the adapter that answers now is another adapter, whose results differ in their last bits",
    );
    expect(devices).toBe(2);
  });

  it("by a call that is refused as invalid is not replaced, since a fresh device refuses it too", async () => {
    let devices = 0;
    const failure = await trial((event, device, count) => {
      devices = count;
      if (event === "opened" || event.kind !== "training" || event.level !== 1) return;
      device.gpu.createBuffer({ label: "useless", size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as Error).message).toMatch(/useless/);
    expect(devices).toBe(1);
  });
});
