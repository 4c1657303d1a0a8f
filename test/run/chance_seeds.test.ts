import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyRun } from "../../src/lottery/verify_run.ts";
import { type GridInput, planRun, run } from "../../src/node.ts";
import { nodeFiles } from "../../src/store/node.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-chance-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs a small extension on the CPU; the folders of its runs. */
async function runFolders(name: string, set: Partial<GridInput>): Promise<string[]> {
  const keys = { extension: 2, maxEpochs: 3, lr: 0.01, ...set };
  const { experiments } = await run("moons-circles", { device: "cpu", set: keys, out: join(root, name) });
  return experiments.flatMap(({ folder, runs }) => runs.map(({ seed }) => `${folder}/seed-${seed}`));
}

const bytes = (folder: string, file: string) => readFileSync(join(folder, file), "base64");
const files = ["init.safetensors", "level-01.safetensors", "level-02.safetensors", "levels.jsonl"];
const all = (folder: string) => files.map((file) => bytes(folder, file));

describe("the seeds of initial weights and of the order", () => {
  it("give the bytes of the run whose seed they are, whatever the run's own seed", async () => {
    const [plain] = await runFolders("plain", { seeds: [5] });
    const [both] = await runFolders("both", { seeds: [1], initSeed: 5, orderSeed: 5 });
    expect(all(both)).toEqual(all(plain));
  });

  it("are separate: each decides its own part, and every point of their grid is another run", async () => {
    const [plain] = await runFolders("plain", { seeds: [5] });
    const folders = await runFolders("grid", { initSeed: [5, 6], orderSeed: [5, 7] });
    const [same, order, init, neither] = folders.map(all);
    expect(same).toEqual(all(plain));
    // Seed of the order: the same initial weights, trained otherwise.
    expect(order[0]).toBe(same[0]);
    expect(order[3]).not.toBe(same[3]);
    expect(init[0]).toBe(neither[0]);
    expect(new Set([same, order, init, neither].map((one) => one[3])).size).toBe(4);
    for (const folder of folders) expect((await verifyRun(nodeFiles, folder)).problems).toEqual([]);
  });

  it("leave random pruning to the run's own seed", async () => {
    const random: Partial<GridInput> = { criterion: "random", seeds: [1, 2] };
    const masks = await runFolders("random", random);
    const fixed = await runFolders("random-fixed", { ...random, initSeed: 9, orderSeed: 9 });
    const maskOf = (folder: string) => bytes(folder, "level-01.safetensors");
    expect(fixed.map(maskOf)).toEqual(masks.map(maskOf));
    expect(maskOf(fixed[0])).not.toBe(maskOf(fixed[1]));
  });

  it("are what verification draws initial weights from", async () => {
    const [folder] = await runFolders("verified", { initSeed: 3 });
    const [other] = await runFolders("verified-other", { initSeed: 4 });
    writeFileSync(join(folder, "init.safetensors"), readFileSync(join(other, "init.safetensors")));
    expect((await verifyRun(nodeFiles, folder)).problems).toEqual(["init.safetensors is not what the run wrote"]);
    // Going on draws them again.
    await runFolders("verified", { initSeed: 3 });
    expect((await verifyRun(nodeFiles, folder)).problems).toEqual([]);
  });

  it("are said to make several seeds one run, and contradict weights from a file", async () => {
    const notices = async (set: Partial<GridInput>) =>
      (await planRun("moons-circles", { device: "cpu", set: { initSeed: 1, seeds: [0, 1], ...set } })).notices;
    expect(await notices({ orderSeed: 2 })).toEqual([
      "initSeed 1 and orderSeed 2 hold for all 2 seeds, which therefore train alike: give one seed, or leave initSeed or orderSeed out",
    ]);
    expect(await notices({})).toEqual([]);
    expect(await notices({ orderSeed: 2, seeds: [0] })).toEqual([]);
    expect(await notices({ orderSeed: 2, criterion: "random" })).toEqual([]);
    const [folder] = await runFolders("plain", { seeds: [5] });
    const init = join(folder, "init.safetensors");
    const set = { initSeed: 1, extension: 2 };
    await expect(planRun("moons-circles", { device: "cpu", set, init })).rejects.toThrow(
      `moons-circles: initSeed 1 contradicts the initial weights of ${init}: leave one of the two out`,
    );
  });
});
