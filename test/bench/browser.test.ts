import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { compareRuns, describeComparison } from "../../bench/browser/compare.ts";
import { Tab } from "../../bench/browser/devtools.ts";
import { benchmarkInPage, runInPage, saveRunsInPage } from "../../bench/browser/in_page.ts";
import { type OpenBrowser, openBrowser } from "../../bench/browser/open.ts";
import { benchmarkResultSchema } from "../../src/benchmark/result.ts";
import { serveLab } from "../../src/cli/lab/server.ts";
import { packageRoot } from "../../src/device/environment/node.ts";
import { nodePlatform } from "../../src/run/node.ts";
import { runExperiments } from "../../src/run/run.ts";
import { readArchive } from "../../src/store/archive.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { buildPage } from "../../tools/build_page.mjs";

let folder = "";
let server: Server;
let browser: OpenBrowser;
let address = "";
beforeAll(async () => {
  mkdirSync(join(packageRoot(), ".cache"), { recursive: true });
  folder = mkdtempSync(join(packageRoot(), ".cache", "test-page-"));
  await buildPage(packageRoot(), folder);
  server = await serveLab(0, folder, console.error);
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await openBrowser("software", address);
});
afterAll(async () => {
  await browser?.devTools.close();
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const set = { extension: 1, maxEpochs: 3, keepTrained: true };

it("saves the page's runs, whose bytes are those of Node, and finds the part of a change", async () => {
  const settings = "preset=moons-circles&seeds=0..1&extension=1&maxEpochs=3&keepTrained=true&device=cpu";
  const tab = await Tab.open(browser.devTools, `${address}#${settings}`);
  const { ms, status } = await tab.evaluate(runInPage);
  expect(ms).toBeGreaterThan(0);
  expect(status).toMatch(/^done: cpu engine/);
  const files = readArchive(Buffer.from(await tab.evaluate(saveRunsInPage), "base64"), "runs.zip");
  const own = new MemoryFiles();
  await runExperiments({ ...nodePlatform(), files: own }, "moons-circles", {
    set: { ...set, seeds: [0, 1] },
    device: "cpu",
    out: "runs",
  });
  const compared = compareRuns(files, own);
  // Two runs of two levels of a network of three layers.
  expect(compared.map(({ what, parts }) => [what, parts])).toEqual([
    ["initial weights", 2],
    ["masks", 12],
    ["masks and trained weights", 4],
    ["levels.jsonl", 2],
  ]);
  for (const one of compared) expect(describeComparison(one)).toMatch(/same bytes$/);

  const [level] = own.entries().find(([path]) => path.endsWith("seed-1/level-01.safetensors"))!;
  const changed = (await own.read(level)).slice();
  // The last byte is of a tensor, whose header is unchanged.
  changed[changed.length - 1] ^= 1;
  await own.write(level, changed);
  const differing = compareRuns(files, own).filter((one) => one.differing.length > 0);
  expect(differing.map(({ what }) => what)).toContain("masks and trained weights");
  for (const { sums } of differing) expect(sums[0]).not.toBe(sums[1]);
  expect(differing.find(({ what }) => what === "masks and trained weights")?.differing).toEqual([level]);

  const fewer = new MemoryFiles(files.entries().filter(([path]) => path !== level));
  expect(compareRuns(files, fewer)[2].differing).toEqual([level]);
});

it("reads the figures of the benchmark tab", async () => {
  const tab = await Tab.open(browser.devTools, address);
  const { browser: agent, ...result } = JSON.parse(await tab.evaluate(benchmarkInPage, "ceilings"));
  expect(agent).toContain("Chrome/");
  expect(benchmarkResultSchema.parse(result).adapter?.kind).toBe("software");
});

it("says what a browser without the adapter offered", async () => {
  // Hides a graphics processor that this machine may have.
  vi.stubEnv("VK_DRIVER_FILES", "/nowhere/icd.json");
  await expect(openBrowser("gpu", address)).rejects.toThrow(
    /^the browser offers no adapter of kind gpu:\nby --enable-/,
  );
});

it("passes on what a page throws", async () => {
  const tab = await Tab.open(browser.devTools, address);
  const failing = tab.evaluate(() => {
    throw new Error("of the page");
  });
  await expect(failing).rejects.toThrow(/^in the page: Error: of the page/);
});
