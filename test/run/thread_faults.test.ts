import { describe, expect, it } from "vitest";
import type { StartThread } from "../../src/engine/cpu/thread.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import type { RunMessage } from "../../src/lottery/messages.ts";
import { nodePlatform } from "../../src/run/node.ts";
import { runExperiments } from "../../src/run/run.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { readRunFolder } from "../../src/store/open_run.ts";
import { faulty, firstFaulty } from "../engine/cpu/faulty_thread.ts";

const set = { extension: 1, maxEpochs: 3, seeds: [0, 1, 2] };

async function run(startThread: StartThread) {
  const files = new MemoryFiles();
  const said: RunMessage[] = [];
  const platform = { ...nodePlatform(), files, locks: undefined, startThread, cores: 2 };
  const result = await runExperiments(platform, "moons-circles", {
    device: "cpu",
    out: "r",
    set,
    observe: (event) => {
      if (!("weights" in event)) said.push(event);
    },
  });
  return { result, files, said };
}

async function contentsOf(files: MemoryFiles, seed: number): Promise<Record<string, Uint8Array>> {
  const [folder] = await files.list("r");
  const path = `r/${folder}/seed-${seed}`;
  const names = (await files.list(path)).filter((name) => name !== "run.json" && name !== "timings.jsonl");
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await files.read(`${path}/${name}`)])));
}

describe("a run whose thread fails", () => {
  it("goes on to the same bytes, notes the cause in run.json, and says it", async () => {
    const { start } = firstFaulty(1, faulty(`if (order.job.level === 1) throw new Error("a fault of this test")`));
    const [broken, healthy] = [await run(start), await run(startNodeThread)];
    const told = broken.said.filter(({ kind }) => kind === "restarted");
    expect(told).toEqual([
      {
        kind: "restarted",
        experiment: 0,
        seed: told[0].seed,
        level: 1,
        cause: "CPU thread 0 failed: a fault of this test",
      },
    ]);
    for (const seed of set.seeds) {
      expect(await contentsOf(broken.files, seed)).toEqual(await contentsOf(healthy.files, seed));
      const { record } = await readRunFolder(broken.files, `${broken.result.experiments[0].folder}/seed-${seed}`);
      expect(record.restarts).toEqual(
        seed === told[0].seed
          ? [{ level: 1, cause: "CPU thread 0 failed: a fault of this test", at: expect.stringMatching(/^20.*Z$/) }]
          : undefined,
      );
    }
  });

  it("twice fails alone, and the others end", async () => {
    const { start } = firstFaulty(9, faulty(`if (order.job.seed === 1) process.exit(4)`));
    const { result } = await run(start);
    const [{ runs, failed }] = result.experiments;
    expect(runs.map(({ seed }) => seed)).toEqual([0, 2]);
    expect(failed).toEqual([
      {
        seed: 1,
        kind: "machine",
        message: expect.stringMatching(/^seed 1, level 0: CPU thread \d ended with exit code 4; on a fresh/),
      },
    ]);
  });
});
