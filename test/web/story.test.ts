import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { readTicket } from "../../src/store/ticket_file.ts";
import { button, download, testedPage, untilStatus } from "./page.ts";

const site = testedPage({ webGpu: true });

/** On the CPU, in half a second: this seed separates at the last level. */
const separating = "preset=moons-circles&seeds=7&extension=6&maxEpochs=150&batch=32&stopAt=separated&device=cpu";

/** A long level of a network that is drawn while it trains. */
const long = "preset=moons-circles&seeds=0&extension=9&patience=3000";

/** The current image of the first plane. */
const plane = (page: Page) =>
  page.evaluate(() => document.querySelector<HTMLCanvasElement>("canvas.plane")?.toDataURL() ?? "");

it.each(["cpu", "software"])("redraws the decisions while a level trains, on the device %s", async (device) => {
  const page = await site.visit(`${long}&device=${device}`);
  await button(page, "Start").click();
  await page.getByText("Level 0 as it trains; the inputs of the other tasks are at their means.").waitFor();
  const seen = new Set<string>();
  for (let look = 0; look < 2; look++) {
    const before = await plane(page);
    await page.waitForFunction(
      (old) => document.querySelector<HTMLCanvasElement>("canvas.plane")?.toDataURL() !== old,
      before,
    );
    seen.add(before);
  }
  expect(seen.size).toBe(2);
  await button(page, "Pause").click();
  await untilStatus(page, /^pausing: 1 network finishes its level first \(/);
  expect(await page.locator("output").textContent()).toBe("level 0 of 9");
  await button(page, "Stop").click();
  await untilStatus(page, /^stopped/);
  expect(await page.locator("#notice").isVisible()).toBe(false);
  await page.context().close();
});

it("waits for the end of a level with its decisions where less motion is asked for", async () => {
  const page = await site.visit(`${long}&device=cpu`, { stillness: true });
  await button(page, "Start").click();
  await page.locator(".network-head", { hasText: /epoch [1-9]/ }).waitFor();
  await page.waitForTimeout(600);
  expect(await page.locator(".network-head", { hasText: "in training" }).count()).toBe(1);
  expect(await page.locator("canvas.plane").count()).toBe(0);
  await page.context().close();
});

it("runs by link, shows the separation, goes back a level, saves and opens again", async () => {
  const page = await site.visit(separating);
  await button(page, "Start").click();
  await untilStatus(page, /^done/);
  expect(await page.locator(".chip").textContent()).toBe("separated");
  expect(await page.locator(".network-head .grow").textContent()).toBe(
    "seed 7: 112 weights left, 100 active in 2 subnetworks, winning",
  );
  expect(await page.locator(".star").isVisible()).toBe(true);
  expect(await button(page, /^Seed 7: separated \(winning at level 6\), level 6, ended$/).textContent()).toContain("S");
  await page.waitForTimeout(900);
  await site.picture(page, "separated");

  await page.getByLabel("Level", { exact: true }).focus();
  await page.keyboard.press("ArrowLeft");
  await page.locator(".chip", { hasText: "interconnected" }).waitFor();
  expect(await page.locator("output").textContent()).toBe("level 5 of 6");
  await page.locator("#network[aria-label*='160 weights left']").waitFor();

  const ticket = await download(page, "Save ticket");
  expect(ticket.name).toBe("moons-circles-seed-7-level-05.safetensors");
  expect(readTicket(ticket.bytes, ticket.name).mask.count()).toBe(160);
  const graph = await download(page, "Save graph");
  expect(new TextDecoder().decode(graph.bytes).match(/<edge /g)).toHaveLength(160);
  const svg = await download(page, "Save network as SVG");
  expect(new TextDecoder().decode(svg.bytes)).toMatch(/^<svg [\s\S]*<path [\s\S]*<\/svg>\s*$/);
  const png = await download(page, "Save loss as PNG");
  expect([...png.bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);

  const archive = await download(page, "Save runs");
  const other = await site.visit("");
  await other.getByLabel("Archive or ticket").setInputFiles({
    name: archive.name,
    mimeType: "application/zip",
    buffer: Buffer.from(archive.bytes),
  });
  await other.locator(".chip", { hasText: "separated" }).waitFor();
  await other.locator("#network[aria-label*='112 weights left']").waitFor();
  const again = await download(other, "Save runs");
  expect(Buffer.compare(again.bytes, archive.bytes)).toBe(0);
  await page.context().close();
  await other.context().close();
});
