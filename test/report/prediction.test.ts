import { describe, expect, it } from "vitest";
import { htmlReport } from "../../src/report/html.ts";
import { markdownReport } from "../../src/report/markdown.ts";
import { measureLines } from "../../src/report/measure_table.ts";
import { predictions } from "../../src/report/prediction.ts";
import type { ReportedRun } from "../../src/report/reported_run.ts";
import { runReport } from "../../src/report/run_report.ts";
import { extensionRun } from "./reported.ts";

/** Twenty runs of two data sets; every other one separates at the last level. `cross-paths` tells them at level 2, `n-cut` never. */
const runs: ReportedRun[] = Array.from({ length: 20 }, (_, k) => {
  const separates = k % 2 === 0;
  const run = extensionRun(3, k, [separates ? "separated" : "interconnected"]);
  const levels = run.levels.map((record) => ({
    ...record,
    epochs: 10,
    measures: {
      density: 0.5,
      "cross-paths": (record.level === 2 && separates ? 0.1 : 0.5) + k / 1000,
      "pair-cuts": [
        [null, 10 - record.level],
        [10 - record.level, null],
      ],
      "n-cut": ((k >> 1) % 5) / 10,
    },
  }));
  return { ...run, levels, spec: { ...run.spec, dataSeed: k < 10 ? 0 : 1 } };
});

describe("predictions", () => {
  const found = predictions(runs);

  it("are made at the levels before the last, of quantities that differ", () => {
    // Loss, epochs and degree are equal in all runs, and so is density.
    expect(new Set(found.map(({ quantity }) => quantity))).toEqual(new Set(["cross-paths", "n-cut"]));
    expect(found.map(({ level }) => level)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(found.every(({ separating, others }) => separating === 10 && others === 10)).toBe(true);
  });

  it("find the level that tells the runs", () => {
    const told = found.filter(({ corrected }) => corrected < 0.05);
    expect(told).toMatchObject([{ quantity: "cross-paths", level: 2, area: 0 }]);
  });

  it("leave out runs that have separated before, unfinished ones, and levels with few runs", () => {
    const early = runs.map((run, k) => {
      if (k !== 0) return run;
      return {
        ...run,
        levels: run.levels.map((record) => (record.level === 1 ? { ...record, state: "separated" as const } : record)),
      };
    });
    expect(predictions(early).map(({ level, separating }) => [level, separating])).toEqual([
      ...[0, 0].map((level) => [level, 10]),
      ...[1, 1, 2, 2].map((level) => [level, 9]),
    ]);
    expect(predictions(runs.map((run, k) => (k < 12 ? { ...run, finished: false } : run)))).toEqual([]);
  });
});

describe("a report on runs with measures", () => {
  const content = runReport(runs, "1.2.3");

  it("draws each measure and says what predicts separation, of how many comparisons", () => {
    const ids = content.figures.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining([
        "measure-density",
        "measure-cross-paths",
        "measure-pair-cuts",
        "measure-n-cut",
        "what-predicts-separation",
      ]),
    );
    expect(content.summary.join(" ")).toContain(
      "Of 6 comparisons of a quantity at a level with separation at a later one, 1 hold after correction for their number (p below 0.05). The first level with such a one is 2, where the furthest from chance is cross-paths at level 2 (AUC 0.00)",
    );
    expect(htmlReport(content)).toContain('<h2 id="prediction">What predicts separation</h2>');
    expect(markdownReport(content, "figures")).toContain("## What predicts separation");
    const drawn = content.figures.find(({ id }) => id === "measure-cross-paths");
    expect(drawn?.csv.split("\n").slice(0, 2)).toEqual([
      "run,kind,facet,level,active,state,value",
      expect.stringMatching(/^extension-hash3\/seed-0,separates at some level,,0,\d+,interconnected,0.5$/),
    ]);
    const cuts = content.figures.find(({ id }) => id === "measure-pair-cuts");
    expect(cuts?.csv).toContain("mean between two tasks");
  });

  it("does not predict for runs that differ in more than seeds", () => {
    const mixed = [
      ...runs.slice(0, 10),
      ...runs.slice(10).map((run) => ({ ...run, spec: { ...run.spec, patience: 5 } })),
    ];
    const { prediction, notDrawn } = runReport(mixed, "1.2.3");
    expect(prediction).toBeUndefined();
    expect(notDrawn).toEqual(["what predicts separation: the runs differ in patience"]);
  });

  it("has none of it without measures", () => {
    const plain = runReport(
      runs.map((run) => ({ ...run, levels: run.levels.map(({ measures: _, ...record }) => record) })),
      "1",
    );
    expect([plain.prediction, plain.notDrawn]).toEqual([undefined, []]);
    expect(plain.figures.some(({ id }) => id.startsWith("measure-"))).toBe(false);
  });
});

it("measures of a run are tables that fit a terminal", () => {
  const lines = measureLines(runs[0].levels).join("\n").split("\n");
  expect(lines.slice(1, 4).map((line) => line.trim().replace(/ +/g, " "))).toEqual([
    "pair-",
    "cross- cuts n-",
    "level density paths between cut",
  ]);
  expect(lines[5].trim().split(/ +/)).toEqual(["0", "0.5", "0.5", "10", "0"]);
  expect(measureLines(runs[0].levels.map(({ measures: _, ...record }) => record))).toEqual([]);
});
