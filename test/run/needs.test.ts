import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { nodePlatform } from "../../src/run/node.ts";
import type { PlanOptions } from "../../src/run/options.ts";
import { prepareExperiments } from "../../src/run/plan.ts";
import type { Platform } from "../../src/run/platform.ts";
import { runExperiments } from "../../src/run/run.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "split-ticket-needs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = { dataset: "moons-circles", shape: [4, 6, 2], levels: 2, rate: 0.5, maxEpochs: 1 };
const options = (name: string, set: PlanOptions["set"] = {}) => ({
  device: "cpu" as const,
  out: join(folder, name),
  set,
});
const planOn = async (platform: Partial<Platform>, given: PlanOptions) =>
  (await prepareExperiments({ ...nodePlatform(), ...platform }, small, given)).plan;
const withFree = (bytes: number): Partial<Platform> => ({ freeDiskBytes: async () => bytes });

describe("the disk", () => {
  it("is enough for what is planned, and 1 % less is not", async () => {
    const given = options("sweep", { seeds: Array.from({ length: 50 }, (_, seed) => seed), keepTrained: true });
    const { diskBytes, shortages } = await planOn({}, given);
    expect(shortages).toEqual([]);
    expect((await planOn(withFree(diskBytes), given)).shortages).toEqual([]);
    const less = { ...nodePlatform(), ...withFree(diskBytes / 1.01) };
    const refused = runExperiments(less, small, given);
    await expect(refused).rejects.toBeInstanceOf(InputError);
    await expect(refused).rejects.toThrow(
      new RegExp(
        `^the runs still to do take up to [\\d.]+ MB in ${given.out}, where [\\d.]+ MB are free for this user: give fewer seeds, keepTrained=false or another --out$`,
      ),
    );
    expect(existsSync(given.out)).toBe(false);
  });

  it("is not needed for runs that have ended, and less for those that have finished levels", async () => {
    const given = options("done", { seeds: [0, 1] });
    const before = await planOn({}, given);
    const stop = new AbortController();
    await runExperiments(nodePlatform(), small, options("done", { seeds: [0] }));
    const after = await planOn({}, given);
    expect(after.diskBytes).toBeLessThan(before.diskBytes - before.experiments[0].diskBytesPerRun + 1);
    const started = runExperiments(nodePlatform(), small, {
      ...given,
      signal: stop.signal,
      observe: ({ kind }) => kind === "level" && stop.abort(new Error("stopped")),
    });
    await expect(started).rejects.toThrow("stopped");
    const half = await planOn({}, given);
    expect(half.diskBytes).toBeLessThan(after.diskBytes);
    await runExperiments(nodePlatform(), small, given);
    expect((await planOn(withFree(0), given)).shortages).toEqual([]);
  });

  it("is held for a page, which keeps its files in memory", async () => {
    const given = options("page", { seeds: [0, 1, 2], keepTrained: true });
    const memory = { memoryNow: () => ({ residentBytes: 0, peakBytes: 0, freeHeapBytes: 2 ** 30 }) };
    const onDisk = await planOn(memory, given);
    const inMemory = await planOn({ ...memory, keepsFilesInMemory: true }, given);
    expect(inMemory.hostBytes - onDisk.hostBytes).toBe(onDisk.diskBytes);
  });
});

describe("main memory", () => {
  const now = { residentBytes: 100e6, peakBytes: 150e6, freeHeapBytes: 2e9 };

  it("is what the process has with what is added, and what it once took", async () => {
    const given = options("memory");
    const { hostBytes } = await planOn({ memoryNow: () => now }, given);
    expect(hostBytes).toBe(150e6);
    const larger = await planOn({ memoryNow: () => ({ ...now, residentBytes: 150e6 }) }, given);
    expect(larger.hostBytes).toBeGreaterThan(160e6);
    expect(larger.hostBytes).toBeLessThan(165e6);
    const refused = await planOn(
      { memoryNow: () => now, memoryBytes: 149e6, memoryLimit: "ulimit -v allows no more" },
      given,
    );
    expect(refused.shortages).toEqual([
      "the run takes up to 150 MB of main memory, and this process may have 149 MB (ulimit -v allows no more): choose smaller shapes, fewer samples or fewer seeds",
    ]);
  });

  it("of the heap is held against the results, and addresses against ulimit -v", async () => {
    const given = options("heap", { seeds: Array.from({ length: 1000 }, (_, seed) => seed) });
    const { shortages } = await planOn({ memoryNow: () => ({ ...now, freeHeapBytes: 1e6 }) }, given);
    expect(shortages).toEqual([
      expect.stringMatching(
        /^the results of all runs take up to [\d.]+ MB on the heap of JavaScript, where 1\.0 MB are free: give fewer seeds, /,
      ),
    ]);
    const bounded = await planOn({ cores: 2, memoryNow: () => ({ ...now, freeAddressBytes: 20e9 }) }, given);
    expect(bounded.shortages).toEqual([
      expect.stringMatching(
        /^the CPU engine reserves 23 GB of address space for its 2 threads, and ulimit -v leaves 20 GB: raise it/,
      ),
    ]);
  });
});

it("a place at which no folder can be, and an empty one, is refused before data are read", async () => {
  writeFileSync(join(folder, "file"), "");
  for (const out of [join(folder, "file"), join(folder, "file/runs")]) {
    await expect(planOn({}, { device: "cpu", out })).rejects.toThrow(`cannot write ${out}: `);
  }
  for (const out of ["", "  "]) {
    await expect(planOn({}, { device: "cpu", out })).rejects.toThrow(
      `out "${out}": it is empty; give a folder, such as runs`,
    );
  }
});

describe("own data", () => {
  const rows = Array.from({ length: 40 }, (_, i) => [Math.sin(i), Math.cos(i), i % 2].join()).join("\n");
  const own = (dataset: string) => ({ dataset, shape: [2, 3, 1], levels: 1, rate: 0.5, maxEpochs: 1 });

  it.runIf(process.platform !== "win32")("may come from a pipe, which is read once for hash and content", async () => {
    const [pipe, file] = [join(folder, "pipe.csv"), join(folder, "file.csv")];
    writeFileSync(file, rows);
    execFileSync("mkfifo", [pipe]);
    const specs = [own(pipe), own(file)];
    const writing = import("node:fs/promises").then(({ writeFile }) => writeFile(pipe, rows));
    const { plan } = await prepareExperiments(nodePlatform(), specs, { device: "cpu", out: null });
    await writing;
    const [fromPipe, fromFile] = plan.experiments.map(({ baselines, tasks }) => ({ baselines, tasks }));
    expect(fromPipe).toEqual(fromFile);
  });

  it("that change between hash and reading are refused", async () => {
    const file = join(folder, "changing.csv");
    writeFileSync(file, rows);
    const platform = nodePlatform();
    const openFile = async (path: string) => {
      writeFileSync(file, `${rows}\n0,0,1`);
      return platform.datasets.openFile(path);
    };
    const prepared = prepareExperiments({ ...platform, datasets: { ...platform.datasets, openFile } }, own(file), {
      device: "cpu",
      out: null,
    });
    await expect(prepared).rejects.toThrow(`${file}: another program changed it while it was read`);
  });
});
