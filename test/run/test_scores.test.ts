import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDataset } from "../../src/lottery/dataset.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { loadDataset, nodeDatasetAccess, nodeFiles, planRun, readRunFolder, run, verifyRun } from "../../src/node.ts";
import { levelTable, outcomeLine } from "../../src/report/level_table.ts";
import { evaluateExactly } from "./exact_evaluation.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-test-scores-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const keys = {
  dataset: "moons-circles",
  samples: 400,
  shape: [4, 12, 2],
  levels: 2,
  rate: 0.4,
  lr: 0.02,
  maxEpochs: 12,
};
const own = { ...keys, validation: 50, keep: "best", keepTrained: true } as const;

describe("scores on the test split", () => {
  it("are those of the kept weights by a plain computation, where levels are validated on a held-out part", async () => {
    const { experiments } = await run({ ...own, seeds: [4, 5] }, { device: "cpu", out: root });
    const dataset = await openDataset(resolveSpec(own, "test").spec, nodeDatasetAccess());
    const { validation: test } = await loadDataset(
      { dataset: "moons-circles", samples: 400, dataSeed: 0 },
      nodeDatasetAccess(),
    );
    expect([dataset.train.samples, dataset.validation.samples, test.samples]).toEqual([150, 50, 200]);
    for (const { seed, levels } of experiments[0].runs) {
      const folder = await readRunFolder(nodeFiles, `${experiments[0].folder}/seed-${seed}`);
      expect(levels).toHaveLength(3);
      for (const record of levels) {
        const trained = await folder.readTrained(record.level);
        if (!trained) throw new Error("no trained weights");
        const { loss, errors } = evaluateExactly(dataset, test, trained);
        expect(record.testLoss).toBeCloseTo(loss, 5);
        expect(Object.keys(record.testAccuracy ?? {})).toEqual(["circles", "moons"]);
        expect(Object.values(record.testAccuracy ?? {})).toEqual(errors.map((error) => expect.closeTo(1 - error, 9)));
        expect(Object.keys(record.testBalancedAccuracy ?? {})).toEqual(["circles", "moons"]);
        expect(record.testLoss).not.toBe(record.valLoss);
        const validated = evaluateExactly(dataset, dataset.validation, trained);
        expect(record.valLoss).toBeCloseTo(validated.loss, 5);
      }
      expect(await verifyRun(nodeFiles, folder.path)).toMatchObject({ problems: [] });
    }
    const [{ levels, seed, outcome }] = experiments[0].runs;
    expect(levelTable(levels, { color: false })).toMatch(/ test .* test /);
    expect(outcomeLine({ name: "a", seed, outcome, levels })).toMatch(/; on test circles 0\.\d{4}, moons 0\.\d{4}/);
  });

  it("change no byte of the training, and are there in no run that is validated on the test split", async () => {
    const given = { ...keys, validation: 0.25, seeds: [4] };
    const { experiments } = await run(given, { device: "cpu", out: join(root, "held") });
    const plain = await run({ ...keys, seeds: [4] }, { device: "cpu", out: join(root, "plain") });
    const lines = (folder: string | null) => readFileSync(join(String(folder), "seed-4/levels.jsonl"), "utf8");
    expect(lines(experiments[0].folder)).toContain('"testLoss"');
    expect(lines(plain.experiments[0].folder)).not.toContain('"test');
  });

  it("have a plan that says where one sample is held out, not all", async () => {
    const notices = async (validation: number) =>
      (await planRun({ ...keys, validation }, { device: "cpu", out: null })).notices;
    expect(await notices(1)).toContain(
      "validation 1 holds out one sample, not all: give a share below 1, or more samples",
    );
    expect((await notices(50)).join()).not.toContain("holds out");
  });
});
