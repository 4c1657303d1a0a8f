import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HeldRun, planRun, type RunOptions, run } from "../../src/node.ts";
import { formatLock } from "../../src/store/lock/lock_record.ts";
import { nodeLocks } from "../../src/store/lock/node.ts";
import { nodeProcesses } from "../../src/store/process/node.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-shared-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** All files below a folder, by path, as base64; of timings only that they are there. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  return Object.fromEntries(
    files
      .sort()
      .map((path) => [path, path.endsWith("timings.jsonl") ? "" : readFileSync(join(folder, path), "base64")]),
  );
}

const options = (name: string, seeds: number[], more: RunOptions = {}): RunOptions => ({
  device: "cpu",
  out: join(root, name),
  set: { extension: 1, maxEpochs: 3, seeds },
  ...more,
});
const trained = ({ experiments }: Awaited<ReturnType<typeof run>>) => experiments[0].runs.map(({ seed }) => seed);

/** The folder of a run of {@link options}. */
async function folderOf(name: string, seed: number): Promise<string> {
  const { experiments } = await planRun("moons-circles", options(name, [seed]));
  return `${experiments[0].folder}/seed-${seed}`;
}

/** A lock of a process that has ended. */
async function lockOfDead(): Promise<string> {
  const { pid } = spawnSync(process.execPath, ["--version"]);
  return formatLock({ ...(await nodeProcesses.self()), pid, start: "1" }, "a-dead-one", 3);
}

let alone: Record<string, string>;
beforeAll(async () => {
  await run("moons-circles", options("alone", [0, 1, 2, 3]));
  alone = contents(join(root, "alone"));
});

describe("two commands with runs in common", () => {
  it("both give the results of all runs, and leave the bytes of one", async () => {
    const held: HeldRun[] = [];
    const onWait = (runs: readonly HeldRun[]) => held.push(...runs);
    const [first, second] = await Promise.all([
      run("moons-circles", options("both", [0, 1, 2], { onWait })),
      run("moons-circles", options("both", [3, 2, 1, 0], { onWait })),
    ]);
    expect(trained(first)).toEqual([0, 1, 2]);
    expect(trained(second)).toEqual([3, 2, 1, 0]);
    expect(second.experiments[0].runs[3]).toEqual(first.experiments[0].runs[0]);
    expect(contents(join(root, "both"))).toEqual(alone);
    expect(held.length).toBeGreaterThan(0);
    for (const { host, pid } of held) expect([host, pid]).toEqual([hostname(), process.pid]);
  });

  it("the second passes over what it does not wait for, and says so", async () => {
    const folder = await folderOf("passed", 1);
    const lock = await nodeLocks.lock(folder);
    const passing = await run("moons-circles", options("passed", [0, 1, 2], { wait: false }));
    expect(trained(passing)).toEqual([0, 2]);
    expect(passing.experiments[0].passedOver).toEqual([{ seed: 1, folder, host: hostname(), pid: process.pid }]);
    expect(readdirSync(folder)).toEqual(["lock.json"]);

    const told: number[] = [];
    const onWait = (runs: readonly HeldRun[]) => {
      told.push(...runs.map(({ seed }) => seed));
      void lock.release();
    };
    const waiting = await run("moons-circles", options("passed", [0, 1, 2, 3], { onWait }));
    expect(told).toEqual([1]);
    expect(trained(waiting)).toEqual([0, 1, 2, 3]);
    expect(waiting.experiments[0].passedOver).toEqual([]);
    expect(contents(join(root, "passed"))).toEqual(alone);
  });

  it("a wait ends with its signal", async () => {
    const lock = await nodeLocks.lock(await folderOf("aborted", 0));
    const controller = new AbortController();
    const onWait = () => controller.abort(new Error("enough"));
    await expect(run("moons-circles", options("aborted", [0], { onWait, signal: controller.signal }))).rejects.toThrow(
      "enough",
    );
    await lock.release();
  });
});

describe("what killed processes left", () => {
  it("is taken over at once: lock, temporary files, begun runs", async () => {
    const name = "killed";
    const stopping = new AbortController();
    const begun = run(
      "moons-circles",
      options(name, [0, 1, 2, 3], {
        signal: stopping.signal,
        observe: ({ kind }) => kind === "level" && stopping.abort(),
      }),
    );
    await expect(begun).rejects.toThrow();
    // Locks are released when a run is stopped.
    expect(Object.keys(contents(join(root, name))).filter((path) => /lock|tmp/.test(path))).toEqual([]);
    for (const seed of [0, 1, 2, 3]) {
      const folder = await folderOf(name, seed);
      mkdirSync(folder, { recursive: true });
      writeFileSync(`${folder}/lock.json`, await lockOfDead());
      writeFileSync(`${folder}/.0123abcd.tmp`, "half a fi");
    }
    expect(trained(await run("moons-circles", options(name, [0, 1, 2, 3])))).toEqual([0, 1, 2, 3]);
    expect(contents(join(root, name))).toEqual(alone);
  });

  it("of a finished run goes too, unless its folder is read-only", async () => {
    const folder = await folderOf("alone", 2);
    writeFileSync(`${folder}/lock.json`, await lockOfDead());
    expect(trained(await run("moons-circles", options("alone", [2])))).toEqual([2]);
    expect(contents(join(root, "alone"))).toEqual(alone);
    chmodSync(folder, 0o555);
    expect(trained(await run("moons-circles", options("alone", [2])))).toEqual([2]);
    chmodSync(folder, 0o755);
  });
});

describe("a process whose run was taken over", () => {
  it("writes nothing more, fails that run alone and names the other", async () => {
    const name = "deposed";
    const folder = await folderOf(name, 0);
    let left: Record<string, string> = {};
    const { experiments } = await run(
      "moons-circles",
      options(name, [0, 1], {
        observe: ({ kind, seed }) => {
          if (kind !== "level" || seed !== 0 || !existsSync(`${folder}/lock.json`)) return;
          // As another machine does that could not see this one's counter rise.
          rmSync(`${folder}/lock.json`);
          writeFileSync(`${folder}/lock-2.json`, formatLock({ host: "elsewhere", pid: 77 }, "another", 0));
          left = contents(folder);
        },
      }),
    );
    expect(experiments[0].runs.map(({ seed }) => seed)).toEqual([1]);
    expect(experiments[0].failed).toMatchObject([{ seed: 0, kind: "storage" }]);
    expect(experiments[0].failed[0].message).toContain(
      `${folder}: pid 77 on elsewhere has taken this run over, since this process was stopped or out of reach`,
    );
    expect(contents(folder)).toEqual(left);
  });
});

describe("a finished run that is damaged", () => {
  it("is made again under its lock, after who writes it", async () => {
    const name = "damaged";
    await run("moons-circles", options(name, [0, 1, 2, 3]));
    const folder = await folderOf(name, 0);
    writeFileSync(`${folder}/level-01.safetensors`, "");
    const lock = await nodeLocks.lock(folder);
    const passing = await run("moons-circles", options(name, [0, 1], { wait: false }));
    expect(passing.experiments[0].passedOver).toMatchObject([{ seed: 0 }]);
    await lock.release();
    expect(trained(await run("moons-circles", options(name, [0, 1])))).toEqual([0, 1]);
    expect(contents(join(root, name))).toEqual(alone);
  });
});
