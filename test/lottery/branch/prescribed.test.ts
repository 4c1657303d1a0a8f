import { expect, it } from "vitest";
import { runLottery } from "../../../src/lottery/lottery.ts";
import type { RunEvent } from "../../../src/lottery/messages.ts";
import { resolveSpec } from "../../../src/lottery/spec.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { MemoryFiles } from "../../../src/store/memory.ts";
import { openRunFolder } from "../../../src/store/open_run.ts";
import { specHash } from "../../../src/store/spec_hash.ts";
import { openSmallCpuEngine } from "../../engine/small_cpu_engine.ts";
import { dataset, settings, shape } from "../../engine/small_networks.ts";

/** The mask that lacks the first weights of layer 0. */
function without(count: number, first = 0): Mask {
  const mask = Mask.full(shape);
  for (let k = first; k < first + count; k++) mask.set(0, Math.floor(k / shape[0]), k % shape[0], false);
  return mask;
}

it("a branch whose stored masks are not those that it prescribes goes back to the levels before, and trains the right ones", async () => {
  const engine = openSmallCpuEngine(1);
  try {
    const total = Mask.full(shape).count();
    const spec = {
      ...resolveSpec({ dataset: "moons-circles", shape, levels: 2, rate: 0.5 }, "test").spec,
      ...{ ...settings, remaining: [total - 5, total - 9, total - 3] },
      branch: { kind: "shuffled", levels: [1, 2, 3], source: { name: "n", specHash: "0", executor: "cpu" } },
    };
    const files = new MemoryFiles();
    const identity = JSON.parse(JSON.stringify(spec));
    const open = () =>
      openRunFolder(files, "runs", {
        ...{ name: "n", specHash: specHash(identity), seed: 3, executor: "cpu", spec: identity },
        ...{ tasks: dataset.tasks, coverage: dataset.coverage },
        program: { version: "1", numeric: 1, kernels: "0" },
      });
    const play = async (masks: readonly Mask[], stopAfter: number) => {
      const stop = new AbortController();
      const told: RunEvent[] = [];
      const trained: number[] = [];
      const observe = (event: RunEvent) => {
        if (event.kind === "damaged") told.push(event);
        if (event.kind === "level") trained.push(event.record.level);
        if (event.kind === "level" && event.record.level === stopAfter) stop.abort(new Error("stopped"));
      };
      const folder = await open();
      const run = runLottery(
        {
          ...{ experiment: 0, seed: 3, spec, dataset, engine, observe, signal: stop.signal },
          prescribed: {
            sourceLevels: [1, 2, 3],
            dense: undefined,
            start: async () => initialParameters(shape, 3),
            mask: async (level) => masks[level],
          },
        },
        folder,
      );
      await run.catch((error: Error) => expect(error.message).toBe("stopped"));
      return { told, trained, folder };
    };
    // The third mask is no part of the second: masks of a branch need not be nested.
    const [first, last] = [[without(5), without(9), without(3, 20)], without(3, 30)];
    expect((await play(first, 1)).trained).toEqual([0, 1]);
    // Another mask for the level that is next, and then for one that is finished.
    const next = await play([first[0], first[1], last], 9);
    expect(next.told).toMatchObject([
      { problems: ["level-02.safetensors does not hold the mask that the branch trains"], kept: 1 },
    ]);
    expect(next.trained).toEqual([1, 2]);
    expect((await next.folder.readLevelMask(2))?.words).toEqual(last.words);
  } finally {
    engine.close();
  }
});
