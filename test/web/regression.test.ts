import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { run } from "../../src/node.ts";
import { button, download, testedPage } from "./page.ts";

const site = testedPage({ webGpu: false });
const folder = mkdtempSync(join(tmpdir(), "split-ticket-regression-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows of four inputs, a number that the first two make, and one that the last two make. */
function csv(second: (c: number, d: number) => number): string {
  const path = join(folder, "numbers.csv");
  const rows = Array.from({ length: 300 }, (_, k) => {
    const [a, b, c, d] = [37, 61, 53, 29].map((step) => ((k * step) % 101) / 50 - 1);
    return [a, b, c, d, 3 * a - 2 * b + 5, second(c, d)].join();
  });
  writeFileSync(path, rows.join("\n"));
  return path;
}

/** Runs that no epoch trains well, so that R² falls below 0. */
const set = { shape: [4, 12, 2], levels: 4, rate: 0.4, lr: 0.03, maxEpochs: 3, seeds: [0, 1] };

it.each([
  ["numbers", "tasks=sum:2:1:mse,square:2:1:mse", (c: number, d: number) => c * c + d, "R²", ["R² sum", "R² square"]],
  [
    "mixed",
    "tasks=sum:2:1:mse,sign:2:1",
    (c: number, d: number) => (c > d ? 1 : 0),
    "Score",
    ["R² sum", "accuracy sign"],
  ],
])("shows the scores of runs by their names: %s", async (name, tasks, second, title, heads) => {
  const out = join(folder, name);
  const { experiments } = await run(
    // A name as files have it; it names the run folder.
    { name: `${name} & größe (v2)`, spec: { dataset: csv(second) } },
    { set: { ...set, tasks: tasks.slice("tasks=".length) }, out, device: "cpu" },
  );
  const lowest = Math.min(...experiments[0].runs.flatMap(({ levels }) => levels.map((level) => level.valAccuracy.sum)));
  expect(lowest).toBeLessThan(0);

  const page = await site.visit("");
  await page.getByLabel("Folder of runs").setInputFiles(out);
  const panel = page.locator(".panel-score");
  await panel.locator("svg").waitFor();
  expect(await panel.locator("h2").textContent()).toBe(title);
  await button(page, `Save ${title === "R²" ? title : "score"} as SVG`).waitFor();
  expect(await panel.locator("svg").textContent()).toContain(`validation ${title === "R²" ? title : "score"}`);
  const points = await panel
    .locator("circle")
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().bottom));
  const chart = await panel.locator("svg").boundingBox();
  for (const bottom of points) expect(bottom).toBeLessThan(chart!.y + chart!.height - 20);
  await page.locator(".panel-levels summary").click();
  for (const head of heads) await page.locator("th", { hasText: head }).waitFor();
  await site.picture(page, `regression-${name}`);
  await button(page, /^Seed 1: /).click();
  const graph = await download(page, "Save graph");
  expect(graph.name).toMatch(new RegExp(`^${name} .* größe .v2.-seed-1-level-0\\d\\.graphml$`));
  expect(new TextDecoder().decode(graph.bytes)).toContain('<data key="task">sum</data>');
  expect(await page.locator("#notice").isVisible()).toBe(false);
  await page.context().close();
});
