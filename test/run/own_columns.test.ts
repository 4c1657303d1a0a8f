import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { planRun, readRunFolder, run } from "../../src/node.ts";
import { nodeFiles } from "../../src/store/node.ts";

const folder = mkdtempSync(join(tmpdir(), "split-ticket-columns-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two tasks that share x2, with labels that are texts and -1 / +1, as a program in a country with decimal commas writes them. */
function file(): string {
  const path = join(folder, "mixed.csv");
  const rows = Array.from({ length: 120 }, (_, i) => {
    const [x1, x2, x3] = [1, 2, 3].map((k) => Math.sin(i * k + k));
    const numbers = [x1, x2, x3].map((x) => x.toFixed(4).replace(".", ","));
    return [i, ...numbers, x1 + x2 > 0 ? "ja" : "nein", x2 - x3 > 0 ? 1 : -1].join(";");
  });
  writeFileSync(path, `Nr;x1;x2;x3;gut;Zeichen\r\n${rows.join("\r\n")}\r\n`);
  return path;
}

const keys = { shape: [3, 6, 2], levels: 2, rate: 0.5, maxEpochs: 3 };

describe("tasks that share an input", () => {
  it("run, are analysed by outputs, and keep columns, classes and notes in the run folder", async () => {
    const dataset = file();
    const spec = { dataset, ...keys, tasks: "a:x1+x2:gut,b:x2+x3:Zeichen" };
    const { experiments } = await run(spec, { device: "cpu", out: join(folder, "runs") });
    const [{ tasks, coverage, runs }] = experiments;
    expect(coverage).toBe("output");
    expect(tasks).toEqual([
      {
        name: "a",
        kind: "binary",
        inputs: { start: 0, count: 2 },
        outputs: { start: 0, count: 1 },
        classes: ["ja", "nein"],
      },
      {
        name: "b",
        kind: "binary",
        inputs: { start: 1, count: 2 },
        outputs: { start: 1, count: 1 },
        classes: ["-1", "1"],
      },
    ]);
    expect(runs[0].levels).toHaveLength(3);
    const path = `${experiments[0].folder}/seed-0`;
    const { record } = await readRunFolder(nodeFiles, path);
    expect(record.tasks).toEqual(tasks);
    expect(JSON.parse(readFileSync(`${path}/run.json`, "utf8")).notices.slice(0, 4)).toEqual([
      `${dataset}: cells are separated by semicolons, decimal commas`,
      `${dataset}: columns of no task left out: "Nr"`,
      `${dataset}: classes of task "a" in column 5 ("gut"): ja is 0, nein is 1`,
      `${dataset}: classes of task "b" in column 6 ("Zeichen"): -1 is 0, 1 is 1`,
    ]);
    // The same tasks as JSON are the same samples; positions count from 0.
    const json = [
      { name: "a", inputs: ["x1", 2], targets: ["gut"] },
      { name: "b", inputs: [2, "x3"], targets: [5] },
    ];
    const again = await run({ ...spec, tasks: json }, { device: "cpu", out: null });
    expect(again.experiments[0].runs[0].levels).toEqual(runs[0].levels);
  });

  it("are told to be inseparable where inputs decide", async () => {
    const spec = {
      dataset: file(),
      ...keys,
      tasks: "a:x1+x2:gut,b:x2+x3:Zeichen",
      coverage: ["total", "output"] as const,
    };
    const { experiments } = await planRun(spec, { device: "cpu", out: null });
    const told = experiments.map(({ notices }) => notices.filter((notice) => notice.includes("share")));
    expect(told).toEqual([
      ["mixed: tasks share 1 input (x2), which no network separates by total coverage; give coverage=output"],
      [],
    ]);
  });

  it("are refused where the shape does not fit, with what the data have", async () => {
    const spec = { dataset: file(), ...keys, shape: [4, 6, 2], tasks: "a:x1+x2:gut,b:x2+x3:Zeichen" };
    await expect(planRun(spec, { device: "cpu", out: null })).rejects.toThrow(
      /^shape \(4,6,2\) does not fit dataset mixed: it has 3 inputs and 2 outputs; give a shape that starts with 3 and ends with 2$/,
    );
  });
});
