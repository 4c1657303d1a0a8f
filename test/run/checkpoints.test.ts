import { beforeAll, describe, expect, it } from "vitest";
import { InputError, StorageError } from "../../src/base/errors.ts";
import type { RunEvent } from "../../src/lottery/messages.ts";
import { nodePlatform } from "../../src/run/node.ts";
import type { RunOptions } from "../../src/run/options.ts";
import { runExperiments } from "../../src/run/run.ts";
import { MemoryFiles } from "../../src/store/memory.ts";

/** A level of about half a second. */
const epochs = 4500;
const rules = { maxEpochs: epochs, patience: epochs, keep: "best", keepCurves: true, weightDecay: 0.001 } as const;
const set = { extension: 0, ...rules };
const checkpoint = "checkpoint.safetensors";

interface Ended {
  /** What was said of checkpoints. */
  readonly said: string[];
  readonly error: unknown;
}

/** Runs the experiment on files until it has ended, or `hear` stops it. */
async function run(
  files: MemoryFiles,
  options: RunOptions = {},
  hear: (event: RunEvent, stop: () => void) => void = () => {},
): Promise<Ended> {
  const said: string[] = [];
  const controller = new AbortController();
  const stop = () => controller.abort(new Error("stopped"));
  try {
    await runExperiments({ ...nodePlatform(), files, locks: undefined, cores: 1 }, "moons-circles", {
      device: "cpu",
      out: "r",
      set,
      signal: controller.signal,
      observe: (event) => {
        if (event.kind === "checkpoint") said.push(event.text);
        hear(event, stop);
      },
      ...options,
    });
    return { said, error: undefined };
  } catch (error) {
    return { said, error };
  }
}

/** Stops at the first progress of a level, which comes within it. */
const within = (level: number) => (event: RunEvent, stop: () => void) => {
  if (event.kind === "progress" && event.level === level) stop();
};

const pathOf = (files: MemoryFiles, name: string) => files.entries().find(([path]) => path.endsWith(`/${name}`))?.[0];

/** The files that are functions of spec and executor. */
const contentOf = (files: MemoryFiles) =>
  new Map(files.entries().filter(([path]) => !path.endsWith("/timings.jsonl") && !path.endsWith("/lock.json")));

describe("a run that is stopped within a level", () => {
  const whole = new MemoryFiles();
  beforeAll(async () => {
    expect(await run(whole)).toEqual({ said: [], error: undefined });
  });

  it("goes on within it, to the same bytes, and says so; a finished run has no checkpoint", async () => {
    const options = { set: { ...set, extension: 1 } };
    const [files, twoLevels] = [new MemoryFiles(), new MemoryFiles()];
    const stored: number[] = [];
    const hear = (event: RunEvent, stop: () => void) => {
      if (event.kind === "stored") stored.push(event.level);
      within(1)(event, stop);
    };
    expect(await run(files, options, hear)).toEqual({ said: [], error: new Error("stopped") });
    expect(pathOf(files, checkpoint)).toBeDefined();
    expect(stored).toEqual([1]);

    const { said, error } = await run(files, options);
    expect(error).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/^level 1 continues at epoch [1-9]\d*$/)]);
    await run(twoLevels, options);
    expect(contentOf(files)).toEqual(contentOf(twoLevels));
    const timings = new TextDecoder().decode(await files.read(pathOf(files, "timings.jsonl") ?? ""));
    const resumed = timings.split("\n").filter((line) => line.includes("resumedEpochs"));
    expect(resumed.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 1, resumedEpochs: Number(said[0].split(" ").at(-1)) }),
    ]);
  });

  it("tells steps where its spec counts them", async () => {
    const options = { set: { ...set, evaluateEvery: 10 } };
    const files = new MemoryFiles();
    await run(files, options, within(0));
    const [said] = (await run(files, options)).said;
    expect(Number(/^level 0 continues at step (\d+)$/.exec(said)?.[1])).toBeGreaterThanOrEqual(10);
  });

  it("goes on from a checkpoint of the interval where it is killed", async () => {
    const files = new MemoryFiles();
    let killed: MemoryFiles | undefined;
    await run(files, { checkpointEvery: 0.01 }, (event) => {
      if (event.kind === "progress" && pathOf(files, checkpoint)) killed ??= new MemoryFiles(files.entries());
    });
    // Storing changes nothing.
    expect(contentOf(files)).toEqual(contentOf(whole));
    if (!killed) throw new Error("no checkpoint was stored within the level");
    expect((await run(killed)).said).toEqual([expect.stringMatching(/^level 0 continues at epoch [1-9]\d*$/)]);
    expect(contentOf(killed)).toEqual(contentOf(whole));
  });

  it("starts the level anew where the checkpoint is damaged, and says so", async () => {
    const files = new MemoryFiles();
    await run(files, {}, within(0));
    const path = pathOf(files, checkpoint) ?? "";
    const bytes = (await files.read(path)).slice();
    bytes[bytes.length - 100] ^= 1;
    await files.write(path, bytes);
    let epochs = 0;
    const { said } = await run(files, { checkpointEvery: 0 }, (event, stop) => {
      if (event.kind === "progress") {
        epochs = event.epochs;
        stop();
      }
    });
    expect(said).toEqual([`level 0 starts anew: ${path} is damaged (its checksum differs from its content)`]);
    expect(epochs).toBeGreaterThan(0);
  });

  it("removes what a kill right after the end of the run left", async () => {
    const files = new MemoryFiles(whole.entries());
    await files.write(`${pathOf(files, "run.json")?.replace("run.json", checkpoint)}`, "left");
    expect(await run(files)).toEqual({ said: [], error: undefined });
    expect(contentOf(files)).toEqual(contentOf(whole));
  });

  it("stores nothing where that is asked for", async () => {
    const files = new MemoryFiles();
    await run(files, { checkpointEvery: 0 }, within(0));
    expect(pathOf(files, checkpoint)).toBeUndefined();
  });

  it("trains on where a checkpoint cannot be stored, and says so once", async () => {
    class Full extends MemoryFiles {
      override async writeAll(contents: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
        const path = [...contents.keys()].find((each) => each.endsWith(checkpoint));
        if (path !== undefined) throw new StorageError(`${path}: there is no space left`);
        await super.writeAll(contents);
      }
    }
    const files = new Full();
    const { said, error } = await run(files, { checkpointEvery: 0.01 });
    expect(error).toBeUndefined();
    expect(said).toEqual([expect.stringMatching(/^no checkpoint of level 0: r\/.*: there is no space left$/)]);
    expect(contentOf(files)).toEqual(contentOf(whole));
  });
});

it.each([-1, Number.NaN, 1_000_001, Number.POSITIVE_INFINITY])("refuses an interval of %d seconds", async (seconds) => {
  const { error } = await run(new MemoryFiles(), { checkpointEvery: seconds });
  expect(error).toEqual(
    new InputError(
      `checkpointEvery ${seconds}: it is no number of seconds from 0 (never) to 1000000; give one, such as 300`,
    ),
  );
});
