import { parseHTML } from "linkedom";
import { expect, it } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { htmlReport } from "../../src/report/html.ts";
import { markdownReport } from "../../src/report/markdown.ts";
import { outcomeSummary, runReport } from "../../src/report/run_report.ts";
import { inOrder } from "../../src/report/run_specs.ts";
import { checkReportPath } from "../../src/report/write_report.ts";
import { extensionRun } from "./reported.ts";

const runs = [
  extensionRun(3, 10, ["separated"], { winning: false }),
  extensionRun(3, 9, ["degraded"]),
  extensionRun(2, 0, ["separated"]),
];
const content = runReport(inOrder(runs), "1.2.3");
const page = htmlReport({ ...content, notDrawn: ["heat maps, because <no> level"] });
const { document } = parseHTML(page);

it("needs nothing from outside", () => {
  expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:\/\/|\bsrc=|@import|<link/);
  for (const link of document.querySelectorAll("[href]")) expect(link.getAttribute("href")).toMatch(/^data:/);
  expect(document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content")).toContain(
    "default-src 'none'",
  );
});

it("says what was run, on what, and with which results", () => {
  const text = document.querySelector("main")?.textContent ?? "";
  for (const said of [
    "Of 3 runs: 2 separated, 1 degraded.",
    "2 runs separated at some level; 1 ticket of these wins there: no task is lost, and each is within the tolerance of level 0.",
    "3 runs of an older version have no balanced accuracy and no lost tasks stored",
    "cpu, WebAssembly SIMD",
    "a processor",
    "1.2.3",
    "3 of 2 specs",
    "16.5 s",
    "2026-01-01 10:00 to 2026-01-04 10:00 UTC",
    "Not drawn: heat maps, because <no> level.",
  ]) {
    expect(text).toContain(said);
  }
});

it("says of how many runs something was said before training, and which diverged", () => {
  const told = (seed: number, notices: readonly string[], more: object = {}) => ({
    ...{ ...extensionRun(1, seed), notices },
    ...more,
  });
  const summary = outcomeSummary([
    told(0, ["few samples", "coin flips"]),
    told(1, ["few samples"], { finished: false, diverged: true }),
    told(2, ["few samples"], { finished: false }),
  ]);
  expect(summary.slice(-4)).toEqual([
    "Said before training: few samples.",
    "Said before training of 1 of the 3 runs: coin flips.",
    "The training of 1 run diverged; its levels before count.",
    "1 run had not finished when this was written.",
  ]);
});

it("has every figure, with its data and picture to take away", () => {
  const figures = [...document.querySelectorAll("figure")];
  expect(figures.map(({ id }) => id)).toEqual(content.figures.map(({ id }) => id));
  for (const [i, figure] of figures.entries()) {
    const [csv, svg] = [...figure.querySelectorAll("a")].map((link) => String(link.getAttribute("href")));
    expect(decodeURIComponent(csv.slice(csv.indexOf(",") + 1))).toBe(content.figures[i].csv);
    expect(decodeURIComponent(svg.slice(svg.indexOf(",") + 1))).toBe(content.figures[i].svg);
  }
});

it("lists the runs in order, with what a column is sorted by", () => {
  const rows = [...document.querySelectorAll("#runs ~ div tbody tr")].map((row) =>
    [...row.querySelectorAll("td")].map((cell) => cell.textContent),
  );
  expect([...document.querySelectorAll("#runs ~ div th")].map((head) => head.textContent)).toEqual([
    "extension",
    "seed",
    "outcome",
    "separated at level",
    "winning there",
    "weights there",
    "active there",
    "density there",
    "effective density there",
    "accuracy there",
    "levels",
    "epochs",
    "training",
    "folder",
  ]);
  expect(rows.map((row) => row.slice(0, 5))).toEqual([
    ["2", "0", "separated", "2", "yes"],
    ["3", "9", "degraded", "", "yes"],
    ["3", "10", "separated", "3", "no"],
  ]);
  const training = document.querySelector("#runs ~ div tbody tr td:nth-child(13)");
  expect(training?.textContent).toBe("4.5 s");
  expect(training?.getAttribute("data-value")).toBe("4500");
});

it("lists the spec key by key, values that differ side by side", () => {
  const rows = [...document.querySelectorAll("#spec ~ div tbody tr")].map((row) => row.textContent);
  expect(rows).toEqual([
    "datasetmoons-circles",
    "base4,8,8,2",
    "extension2 | 3",
    "rate0.32",
    "patience30",
    "seeds0,9,10",
  ]);
});

it("says the same as Markdown, figures beside it", () => {
  const text = markdownReport(content, "report-figures");
  expect(text.startsWith("# Runs of extension\n\nOf 3 runs: 2 separated, 1 degraded.\n")).toBe(true);
  expect(text).toContain("![Loss by level](report-figures/loss.svg)");
  expect(text).toContain("[Data (CSV)](report-figures/loss.csv)");
  expect(text).toContain("| key | value |\n| --- | --- |\n| dataset | moons-circles |");
  expect(text).toContain("| extension | 2 \\| 3 |");
});

it("names the scores of regressions", () => {
  const scored = (scoreNames: Record<string, string>) =>
    runReport(
      runs.map((run) => ({ ...run, scoreNames })),
      "1.2.3",
    );
  const figureOf = ({ figures }: typeof content) => figures.find(({ title }) => title.startsWith("Validation"));
  const same = scored({ moons: "R²", circles: "R²" });
  expect(same.runs.table.columns).toContain("R² there");
  expect(same.runs.table.rows[0][9].text).toBe("moons 0.9980, circles 1.0000");
  expect(figureOf(same)).toMatchObject({ id: "score", title: "Validation R² by level" });
  const mixed = scored({ moons: "R²" });
  expect(mixed.runs.table.columns).toContain("score there");
  expect(mixed.runs.table.rows[0][9].text).toBe("R² moons 0.9980, accuracy circles 1.0000");
  expect(figureOf(mixed)?.svg).toMatch(/>moons: R²<.*>circles: accuracy</s);
  expect(figureOf(content)).toMatchObject({ id: "accuracy", title: "Validation accuracy by level" });
});

it("refuses a name without a known format", () => {
  for (const path of ["report.html", "a/b.md"]) expect(() => checkReportPath(path)).not.toThrow();
  for (const path of ["report", "report.pdf", ".html", "a/.md"]) {
    expect(() => checkReportPath(path)).toThrow(
      new InputError(`report ${path}: its name must end in .html or .md; give a file such as report.html`),
    );
  }
});
