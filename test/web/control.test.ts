import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { branch, branchLevels, run } from "../../src/node.ts";
import { branchRows } from "../../src/report/branch_rows.ts";
import { branchScores } from "../../src/report/figures/branches.ts";
import { readArchive, runPaths } from "../../src/store/archive.ts";
import type { Tensor } from "../../src/store/dtype.ts";
import { writeSafetensors } from "../../src/store/safetensors.ts";
import { recordTable } from "../../src/table/record_table.ts";
import { csvTable } from "../../src/table/text_tables.ts";
import { button, download, testedPage, untilStatus } from "./page.ts";

const site = testedPage({ webGpu: true });

const output = (page: Page) => page.locator("output").textContent();
/** Waits until the run trains a level, or a later one. */
const untilLevel = (page: Page, level: number) =>
  page.waitForFunction((least) => Number(document.querySelector<HTMLInputElement>("#level")?.max) >= least, level);
const untilOutput = (page: Page, text: string) => page.locator("output", { hasText: text }).waitFor();

/** The levels of the first run as they are saved. */
async function savedLevels(page: Page): Promise<string> {
  const files = readArchive((await download(page, "Save runs")).bytes, "runs.zip");
  return new TextDecoder().decode(await files.read(`${runPaths(files)[0]}/levels.jsonl`));
}

it("pauses, steps, resumes and stops, and gives the result of a run in one go", async () => {
  const settings = "preset=moons-circles&seeds=0&extension=4&maxEpochs=60&device=cpu";
  const page = await site.visit(settings);
  await button(page, "Step one level").click();
  await untilStatus(page, /^paused/);
  await button(page, "Step one level").click();
  await untilLevel(page, 1);
  await page.waitForTimeout(300);
  expect(await output(page)).toBe("level 1 of 4");

  await button(page, "Step one level").click();
  await untilOutput(page, "level 2 of 4");
  await button(page, "Stop").click();
  await untilStatus(page, /^stopped/);
  expect(await button(page, "Save runs").isEnabled()).toBe(true);
  await button(page, "Start").click();
  await untilStatus(page, /^done/);
  const pieces = await savedLevels(page);

  await button(page, "Reset").click();
  await page.locator("#watch .welcome").waitFor();
  await button(page, "Start").click();
  await untilStatus(page, /^done/);
  expect(await savedLevels(page)).toBe(pieces);
  expect(pieces.trim().split("\n")).toHaveLength(5);
  await page.context().close();
});

it("continues from the last finished level after the device was lost", async () => {
  const page = await site.visit("preset=moons-circles&seeds=0&extension=3&maxEpochs=40&device=software");
  const worker = page.workers()[0];
  await worker.evaluate(() => {
    const { requestDevice } = GPUAdapter.prototype;
    const opened: GPUDevice[] = [];
    Object.assign(globalThis, { opened });
    GPUAdapter.prototype.requestDevice = async function (...args) {
      const device = await requestDevice.apply(this, args);
      opened.push(device);
      return device;
    };
  });
  await button(page, "Start").click();
  await untilLevel(page, 1);
  await worker.evaluate(() => (globalThis as unknown as { opened: GPUDevice[] }).opened[0].destroy());
  await page.locator("#notice", { hasText: "The device was lost" }).waitFor();
  await untilStatus(page, /^done/);
  expect(await worker.evaluate(() => (globalThis as unknown as { opened: GPUDevice[] }).opened.length)).toBe(2);
  const lost = await savedLevels(page);
  await button(page, "Reset").click();
  await button(page, "Start").click();
  await untilStatus(page, /^done/);
  expect(await savedLevels(page)).toBe(lost);
  await page.context().close();
});

it("continues from the last finished level after the browser's GPU process was killed", async () => {
  const page = await site.visit("preset=moons-circles&seeds=0&extension=3&maxEpochs=40&device=software");
  await button(page, "Start").click();
  await untilLevel(page, 1);
  const session = await site.browser().newBrowserCDPSession();
  await session.send("Browser.crashGpuProcess");
  await page.locator("#notice", { hasText: "The device was lost" }).waitFor();
  await untilStatus(page, /^done/);
  const lost = await savedLevels(page);
  await button(page, "Reset").click();
  await button(page, "Start").click();
  await untilStatus(page, /^done/);
  expect(await savedLevels(page)).toBe(lost);
  await page.context().close();
});

it("trains branches as the command line does, keeps them beside the runs, and stops them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "split-ticket-page-branches-"));
  const set = { seeds: [0, 1], samples: 400, extension: 2, maxEpochs: 20 };
  const { experiments } = await run("moons-circles", { set, device: "cpu", out: folder });
  const kinds = ["reinit", "shuffled", "random-mask"];
  const trained = await branch(String(experiments[0].folder), { kinds, levels: [1, 2], seeds: [0, 1] });
  rmSync(folder, { recursive: true });
  const numbers = branchRows(branchLevels(trained.sources));
  const { columns, rows } = recordTable(numbers);
  let table = "";
  for await (const piece of csvTable(columns, rows)) table += piece;

  const page = await site.visit("preset=moons-circles&seeds=0..1&samples=400&extension=2&maxEpochs=20&device=cpu", {
    stillness: true,
  });
  const panel = page.locator(".study-branches");
  expect(await panel.isVisible()).toBe(false);
  await button(page, "Start").click();
  await untilStatus(page, /^done/);
  await panel.locator("summary").first().click();
  const levels = panel.getByLabel("Levels", { exact: true });
  const outlook = (text: RegExp) => panel.locator("#branches-outlook", { hasText: text }).waitFor();
  const status = (text: RegExp) => panel.locator(".status", { hasText: text }).waitFor();
  await levels.fill("1..3");
  await outlook(/: level 3 is not finished, its finished levels are 0 to 2; give levels up to 2, or/);
  expect(await levels.getAttribute("aria-invalid")).toBe("true");
  await levels.fill("");
  await panel.getByLabel("Branch seeds").fill("0..1");
  await outlook(/^14 runs with 28 levels in all/);
  expect(await levels.getAttribute("aria-invalid")).toBe(null);
  await button(page, "Train branches").click();
  await status(/^done$/);
  const saved = await download(page, "Save table of branches");
  expect([saved.name, new TextDecoder().decode(saved.bytes)]).toEqual(["branches.csv", table]);
  expect(await panel.locator("tbody").first().locator("th").allTextContents()).toEqual(["1", "2"]);
  const figure = await download(page, "Save ticket and branches as SVG");
  expect([figure.name, new TextDecoder().decode(figure.bytes)]).toEqual([
    "branches.svg",
    branchScores(numbers, "accuracy").svg,
  ]);
  const archive = await download(page, "Save runs");
  expect(runPaths(readArchive(archive.bytes, archive.name))).toHaveLength(2 + 14);

  await panel.getByLabel("Branch seeds").fill("0..39");
  await outlook(/^242 runs/);
  await button(page, "Train branches").click();
  await panel.getByText(/^\d+ of 484 levels$/).waitFor();
  expect(await button(page, "Reset").isDisabled()).toBe(true);
  await panel.getByRole("button", { name: "Stop" }).click();
  await status(/^stopped; /);
  expect(await page.locator(".cell").count()).toBe(2);
  await page.context().close();
});

it("loses nothing while its tab is hidden", async () => {
  const page = await site.visit("preset=moons-circles&seeds=0&extension=3&maxEpochs=60&device=cpu");
  const hide = (isHidden: boolean) =>
    page.evaluate((hidden) => {
      // A hidden tab gets no frames; the test browser has no window to hide, so frames are held back.
      if (hidden) {
        const held: FrameRequestCallback[] = [];
        Object.assign(globalThis, { held, realFrame: requestAnimationFrame });
        globalThis.requestAnimationFrame = (callback) => held.push(callback);
      } else {
        const { held, realFrame } = globalThis as unknown as {
          held: FrameRequestCallback[];
          realFrame: typeof requestAnimationFrame;
        };
        globalThis.requestAnimationFrame = realFrame;
        for (const callback of held) realFrame(callback);
      }
    }, isHidden);
  await hide(true);
  await button(page, "Start").click();
  await page.waitForTimeout(3000);
  expect(await page.locator("#watch .transport .status").textContent()).toBe("");
  await hide(false);
  await untilStatus(page, /^done/, 5000);
  expect(await output(page)).toBe("level 3 of 3");
  await page.context().close();
});

it.each([
  [
    "note.txt",
    "hello",
    "note.txt: is neither a .zip of run folders nor a ticket (.safetensors, or masks as .json): give one of these, or a run folder",
  ],
  ["runs.zip", "hello", "runs.zip: cannot be unpacked (invalid zip data); give a zip file of run folders"],
  [
    "model.pth",
    "PK\x03\x04",
    "model.pth: it is a file of torch.save; convert it to safetensors in Python:\nimport torch;",
  ],
  ["ticket.safetensors", "hello", "ticket.safetensors: 5 bytes are too few for a safetensors file"],
])("says what is wrong with %s", async (name, content, message) => {
  const page = await site.visit("");
  await page.getByLabel("Archive or ticket").setInputFiles({ name, mimeType: "", buffer: Buffer.from(content) });
  const notice = page.locator("#notice.bad");
  await notice.waitFor();
  expect(await notice.textContent()).toContain(message);
  await page.context().close();
});

it("asks for the order of a ticket's layers, then for its tasks, and says what it understood", async () => {
  const full = (shape: number[]): Tensor => ({ dtype: "U8", shape, data: new Uint8Array(shape[0] * shape[1]).fill(1) });
  const bytes = writeSafetensors(
    new Map([
      ["embed.weight_mask", full([5, 4])],
      ["one.weight_mask", full([5, 5])],
      ["three.weight_mask", full([5, 5])],
      ["out.weight_mask", full([2, 5])],
      ["counter", { dtype: "I64", shape: [], data: new BigInt64Array(1) }],
    ]),
  );
  const page = await site.visit("");
  const picker = page.getByLabel("Archive or ticket");
  await picker.setInputFiles({ name: "words.safetensors", mimeType: "", buffer: Buffer.from(bytes) });
  const dialog = page.getByRole("dialog");
  expect(await dialog.locator("#question-text").textContent()).toBe(
    "words.safetensors: the widths of its layers allow several orders, such as embed,one,three,out and embed,three,one,out, and the numbers in their names do not decide. Name them from the inputs to the outputs, separated by commas: embed, one, three, out.",
  );
  await dialog.getByLabel("Layers").fill("embed, three, one, out");
  await dialog.getByRole("button", { name: "Show" }).click();
  await dialog.getByLabel("Tasks").fill("circles:2:1,moons:2:1");
  await dialog.getByRole("button", { name: "Show" }).click();
  const notice = page.locator("#notice:not([hidden])");
  await notice.waitFor();
  expect(await notice.textContent()).toBe(
    "words.safetensors: layers in order: embed (4 to 5), three (5 to 5), one (5 to 5), out (5 to 2); as given\nwords.safetensors: passed over: counter",
  );
  await page.context().close();
});

it("keeps settings in the address, and says what is wrong with them", async () => {
  const page = await site.visit("preset=moons-circles&seeds=0..1&extension=3");
  const outlook = page.locator("#outlook");
  expect(await outlook.textContent()).toBe("2 networks of shape (4,16,16,2): 352 weights, pruned to 112 in 3 rounds");
  await page.getByLabel("Extension").fill("4");
  await page.getByLabel("Extension").press("Enter");
  await page.waitForURL(/#preset=moons-circles&seeds=0\.\.1&extension=4$/);
  await page.locator("#outlook", { hasText: "(4,20,20,2)" }).waitFor();
  await page.getByLabel("Extension").fill("many");
  await page.getByLabel("Extension").press("Enter");
  await page.locator("#outlook.bad").waitFor();
  expect(await outlook.textContent()).toContain('moons-circles: extension "many" does not fit');
  expect(await page.getByLabel("Extension").getAttribute("aria-invalid")).toBe("true");
  await button(page, "Start").click();
  expect(await page.locator("#notice.bad").textContent()).toContain('extension "many"');
  await page.context().close();
});
