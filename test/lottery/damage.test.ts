import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { damageRuns, type Trial } from "../../bench/damage/damage.ts";
import { type Contents, differingFiles, TinyRuns } from "../../bench/damage/tiny_runs.ts";
import type { Files } from "../../src/base/files.ts";
import type { RunEvent } from "../../src/lottery/messages.ts";
import { MemoryFiles } from "../../src/store/memory.ts";

describe("a damaged file of a stopped or finished run", () => {
  it("is named, and the run ends with the bytes of one without damage: each file, in each way", async () => {
    const bad: Trial[] = [];
    const counts = await damageRuns({}, (trial) => {
      if (trial.verdict !== "mended" && trial.verdict !== "refused") bad.push(trial);
    });
    expect(bad).toEqual([]);
    expect(counts).toMatchObject({ silent: 0, differing: 0, internal: 0 });
    expect(counts.mended).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(40);
  });
});

describe.each([
  ["plain", {}],
  ["with weights and curves", { keepTrained: true, keepCurves: true }],
])("a run that is stopped at any of its writes, %s", (_name, keys) => {
  let runs: TinyRuns;
  let whole: Contents;
  beforeAll(async () => {
    runs = await TinyRuns.open(keys);
    whole = await runs.contents(await runs.filesAfter(4, 3), 3);
  });
  afterAll(() => runs.close());

  /** Files that stop the run before change number `at`, from 1, and how many changes were made. */
  function stopping(files: MemoryFiles, at: number): Files & { changes: number } {
    const stop = () => {
      if (++stopped.changes >= at) throw new Error("stopped");
    };
    const stopped = {
      changes: 0,
      read: (path: string) => files.read(path),
      sha256: (path: string) => files.sha256(path),
      exists: (path: string) => files.exists(path),
      list: (path: string) => files.list(path),
      async write(path: string, content: Uint8Array | string) {
        stop();
        await files.write(path, content);
      },
      // A stop may come between the renames of files that are written together.
      async writeAll(contents: ReadonlyMap<string, Uint8Array | string>) {
        for (const [path, content] of contents) await stopped.write(path, content);
      },
      async remove(path: string) {
        stop();
        await files.remove(path);
      },
      async makeFolder(path: string) {
        stop();
        await files.makeFolder(path);
      },
    };
    return stopped;
  }

  /** Stops a run before each of its changes in turn, lets another process end it, and compares. */
  async function everyStop(begun: () => MemoryFiles, after: (files: MemoryFiles, heard: RunEvent[]) => Promise<void>) {
    let changes = 0;
    for (let at = 1; at === 1 || at <= changes + 1; at++) {
      const files = begun();
      const faulty = stopping(files, at);
      await runs.run(faulty, 3).catch((error) => expect(String(error)).toBe("Error: stopped"));
      changes = Math.max(changes, faulty.changes);
      if (faulty.changes < at) return changes;
      const heard: RunEvent[] = [];
      await runs.run(files, 3, (event) => heard.push(event));
      expect(differingFiles(await runs.contents(files, 3), whole), `stopped before change ${at}`).toEqual([]);
      await after(files, heard);
    }
    return changes;
  }

  const timedLevels = async (files: MemoryFiles) =>
    new TextDecoder()
      .decode(await files.read(`${await runs.path(3)}/timings.jsonl`))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).level);

  it("ends with the bytes of a run in one go, says nothing of damage, and times each level once", async () => {
    const changes = await everyStop(
      () => new MemoryFiles(),
      async (files, heard) => {
        expect(heard.filter(({ kind }) => kind === "damaged")).toEqual([]);
        expect(await timedLevels(files)).toEqual([0, 1, 2, 3]);
      },
    );
    expect(changes).toBeGreaterThanOrEqual(20);
  });

  it("ends so too where it was stopped while it made damaged files again", async () => {
    const ended = await runs.filesAfter(4, 3);
    const path = await runs.path(3);
    const damaged = new MemoryFiles(ended.entries());
    await damaged.remove(`${path}/init.safetensors`);
    await damaged.write(`${path}/level-02.safetensors`, new Uint8Array(9));
    const changes = await everyStop(
      () => new MemoryFiles(damaged.entries()),
      async (files) => expect(await timedLevels(files)).toEqual([0, 1, 2, 3]),
    );
    expect(changes).toBeGreaterThan(10);
  });
});
