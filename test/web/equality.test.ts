import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunOptions, run } from "../../src/node.ts";
import { readArchive, runPaths } from "../../src/store/archive.ts";
import type { MemoryFiles } from "../../src/store/memory.ts";
import { nodeFiles } from "../../src/store/node.ts";
import { readRunFolder } from "../../src/store/open_run.ts";
import { button, download, testedPage, untilStatus } from "./page.ts";

const site = testedPage({ webGpu: true });
let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-page-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const set = { seeds: [0, 1], extension: 2, maxEpochs: 20 };

/** The runs of the page, and the same runs without it. */
async function both(device: string, options: RunOptions) {
  const page = await site.visit(`preset=moons-circles&seeds=0..1&extension=2&maxEpochs=20&device=${device}`);
  await button(page, "Start").click();
  await untilStatus(page, /^done/);
  const files = readArchive((await download(page, "Save runs")).bytes, "runs.zip");
  await page.context().close();
  // A folder of its own, or the run would continue from the finished levels of the other device.
  const folder = join(root, device);
  const headless = await run("moons-circles", { set, out: folder, ...options });
  expect(runPaths(files)).toHaveLength(2);
  return { files, headless, folder };
}

/** The files that spec and adapter decide and that differ. */
async function differing(files: MemoryFiles, folder: string, alsoRunJson: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const path of runPaths(files)) {
    const names = (await files.list(path)).filter((name) => name !== "timings.jsonl");
    expect(names).toEqual([
      "init.safetensors",
      "level-00.safetensors",
      "level-01.safetensors",
      "level-02.safetensors",
      "levels.jsonl",
      "run.json",
    ]);
    for (const name of names) {
      if (name === "run.json" && !alsoRunJson) continue;
      const theirs = await nodeFiles.read(`${path.replace(/^runs/, folder)}/${name}`);
      if (Buffer.compare(await files.read(`${path}/${name}`), theirs) !== 0) found.push(`${path}/${name}`);
    }
  }
  return found;
}

it("trains on the CPU to the same bytes as the command line", async () => {
  const { files, folder } = await both("cpu", { device: "cpu" });
  expect(await differing(files, folder, true)).toEqual([]);
});

it("opens run folders of the command line", async () => {
  const page = await site.visit("");
  const other = await run("moons-circles", {
    set: { ...set, extension: 1 },
    out: join(root, "folders"),
    device: "cpu",
  });
  await page.getByLabel("Folder of runs").setInputFiles(join(root, "folders"));
  await button(page, /^Seed 1: interconnected, level 1, ended/).click();
  await page.locator("#network[aria-label*='112 weights left']").waitFor();
  const { bytes } = await download(page, "Save runs");
  const files = readArchive(bytes, "runs.zip");
  expect(runPaths(files)).toHaveLength(2);
  for (const path of runPaths(files)) {
    const theirs = await nodeFiles.read(`${path.replace(/^runs/, join(root, "folders"))}/levels.jsonl`);
    expect(Buffer.compare(await files.read(`${path}/levels.jsonl`), theirs)).toBe(0);
  }
  expect(other.experiments[0].runs).toHaveLength(2);
  await page.context().close();
});

it("trains through WebGPU as the command line does", async () => {
  const { files, headless, folder } = await both("software", { engine: "resident" });
  // The host chooses the adapter's name in run.json.
  const different = await differing(files, folder, false);
  console.log(
    different.length === 0
      ? `page and ${headless.executor}: equal bytes`
      : `page and ${headless.executor} compile the kernels differently: ${different.length} files differ, compared within bounds`,
  );
  if (different.length === 0) return;
  for (const [i, path] of runPaths(files).entries()) {
    const [ours, theirs] = [
      await (await readRunFolder(files, path)).finishedLevels(),
      headless.experiments[0].runs[i].levels,
    ];
    expect(different).not.toContain(`${path}/init.safetensors`);
    expect(different).not.toContain(`${path}/level-00.safetensors`);
    expect(ours.map(({ remaining }) => remaining)).toEqual(theirs.map(({ remaining }) => remaining));
    expect(ours.map(({ steps }) => steps)).toEqual(theirs.map(({ steps }) => steps));
    // 320 steps of Adam from the same weights in the same order: rounding differences grow, but stay within a hundredth
    // of the loss.
    expect(Math.abs(ours[0].valLoss / theirs[0].valLoss - 1)).toBeLessThan(0.01);
  }
});
