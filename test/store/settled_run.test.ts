import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TinyRuns } from "../../bench/damage/tiny_runs.ts";
import type { Files } from "../../src/base/files.ts";
import { verifyRun } from "../../src/lottery/verify_run.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { readRunFolder } from "../../src/store/open_run.ts";
import { formatRunRecord } from "../../src/store/run_record.ts";
import { readStoredRun } from "../../src/store/stored_run.ts";

/** Files as a reader sees them while they change: each call is followed by the next state. */
function changing(first: number, states: (at: number) => MemoryFiles): Files {
  let at = first;
  const next = () => states(at++);
  const refused = () => Promise.reject(new Error("a reader writes"));
  return {
    read: (path) => next().read(path),
    sha256: (path) => next().sha256(path),
    exists: (path) => next().exists(path),
    list: (path) => next().list(path),
    write: refused,
    writeAll: refused,
    remove: refused,
    makeFolder: refused,
  };
}

describe("a run that is read while it is in training", () => {
  let runs: TinyRuns;
  let path: string;
  /** The files after each change that a whole run makes. */
  const states: MemoryFiles[] = [];
  beforeAll(async () => {
    runs = await TinyRuns.open({ keepTrained: true, keepCurves: true });
    path = await runs.path(3);
    const files = new MemoryFiles();
    const recording: Files = {
      read: (each) => files.read(each),
      sha256: (each) => files.sha256(each),
      exists: (each) => files.exists(each),
      list: (each) => files.list(each),
      write: (each, content) => recording.writeAll(new Map([[each, content]])),
      async writeAll(contents) {
        for (const [each, content] of contents) {
          await files.write(each, content);
          states.push(new MemoryFiles(files.entries()));
        }
      },
      remove: (each) => files.remove(each),
      makeFolder: (each) => files.makeFolder(each),
    };
    await runs.run(recording, 3);
  });
  afterAll(() => runs.close());

  /** The state of the run from its first `run.json` on; the last one stays. */
  const stateAt = (at: number) => states[Math.min(at, states.length - 1)];

  it("is whole for verify, at whatever moment the reading begins", async () => {
    for (let first = 0; first < states.length; first++) {
      const { problems, unverified } = await verifyRun(changing(first, stateAt), path);
      expect({ problems, unverified }, `from state ${first}`).toEqual({ problems: [], unverified: [] });
    }
  });

  it("is whole for other readers too", async () => {
    for (let first = 0; first < states.length; first++) {
      const files = changing(first, stateAt);
      const { differing, levels, folder } = await readStoredRun(files, await readRunFolder(files, path));
      expect({ differing, levels: levels.length }).toEqual({ differing: [], levels: folder.record.finished });
    }
  });

  it("is not called damaged if it changes during each reading, and damage of a run at rest is named", async () => {
    const damaged = new MemoryFiles(states.at(-1)?.entries());
    await damaged.write(`${path}/curves.jsonl`, "");
    const { record } = await readRunFolder(damaged, path);
    expect((await verifyRun(damaged, path)).problems).toEqual(["curves.jsonl is empty"]);

    const texts = await Promise.all(
      [0, 1].map((level) => formatRunRecord({ ...record, restarts: [{ level, cause: "test", at: "now" }] })),
    );
    const [one, other] = await Promise.all(
      texts.map(async (text) => {
        const files = new MemoryFiles(damaged.entries());
        await files.write(`${path}/run.json`, text);
        return files;
      }),
    );
    let reads = 0;
    const files: Files = {
      ...changing(0, () => one),
      // Another record each time.
      read: (each) => (each.endsWith("/run.json") && reads++ % 2 === 1 ? other : one).read(each),
    };
    expect(await verifyRun(files, path)).toMatchObject({
      problems: [],
      unverified: ["any file: the run is in training, and changed while it was read"],
    });
    await expect(readStoredRun(files, await readRunFolder(files, path))).rejects.toThrow(
      `${path}: the run is in training, and changed while it was read; try again later`,
    );
  });
});
