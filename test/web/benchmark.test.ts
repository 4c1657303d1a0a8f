import { expect, it } from "vitest";
import { benchmarkResultSchema } from "../../src/benchmark/result.ts";
import { figureTables, markdown } from "../../src/web/benchmark/tables.ts";
import { button, testedPage } from "./page.ts";

const site = testedPage({ webGpu: true });

it("benchmarks the browser and copies its figures", async () => {
  const page = await site.visit("");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("tab", { name: "Watch" }).focus();
  await page.keyboard.press("ArrowRight");
  expect(await page.locator("#watch").isVisible()).toBe(false);
  await page.getByLabel("Cases").selectOption("4,8,8,2");
  await button(page, "Quick").click();
  const status = page.locator("#benchmark .status");
  await status.filter({ hasText: /^Chrome\/[\d.]+, google swiftshader \(software\), \d+ threads, quick$/ }).waitFor();

  await button(page, "Copy JSON").click();
  await status.filter({ hasText: "copied" }).waitFor();
  const { browser, ...document } = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(browser).toContain("Chrome/");
  const result = benchmarkResultSchema.parse(document);
  expect(result.adapter).toMatchObject({ name: "google swiftshader", kind: "software" });
  expect(new Set(result.throughput.map(({ engine }) => engine))).toEqual(new Set(["resident", "tiled", "cpu"]));
  expect(result.ceilings.map(({ of }) => of)).toEqual(["adapter", "cpu"]);

  await button(page, "Copy tables").click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith("Chrome/"));
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text).toBe(markdown(text.split("\n")[0], figureTables(result)));
  expect(text.match(/^\| .* \|$/gm)?.length).toBeGreaterThan(result.throughput.length);
  expect(await page.locator("#benchmark tbody tr").count()).toBe(
    figureTables(result).reduce((sum, { rows }) => sum + rows.length, 0),
  );
  await page.context().close();
});

it("stops when Stop is pressed", async () => {
  const page = await site.visit("");
  await page.getByRole("tab", { name: "Benchmark" }).click();
  await button(page, "Whole").click();
  await page.locator("#benchmark .status", { hasText: /^1 of / }).waitFor();
  await page.locator("#benchmark").getByRole("button", { name: "Stop" }).click();
  await page.locator("#benchmark button.primary:enabled").waitFor({ timeout: 20_000 });
  expect(await page.locator("#notice").isVisible()).toBe(false);
  await page.context().close();
});
