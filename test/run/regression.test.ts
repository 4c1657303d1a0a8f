import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { run } from "../../src/node.ts";

const folder = mkdtempSync(join(tmpdir(), "split-ticket-regression-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows of two inputs, a regression target that depends on them, and a label. */
function csv(number: (a: number, b: number) => number): string {
  const path = join(folder, "numbers.csv");
  const rows = Array.from({ length: 400 }, (_, k) => {
    const [a, b] = [((k * 37) % 101) / 50 - 1, ((k * 61) % 97) / 48 - 1];
    return [a, b, number(a, b), a > b ? 1 : 0].join();
  });
  writeFileSync(path, rows.join("\n"));
  return path;
}

const set = { tasks: "number:1:1:mse,sign:1:1", shape: [2, 24, 2], levels: 1, rate: 0.2, lr: 0.01, maxEpochs: 150 };

it.each(["relu", "tanh"])("learns a number beside a label by %s, and tells R²", async (activation) => {
  const path = csv((a, b) => 3 * a - 2 * b + 5);
  const options = { set: { ...set, activation }, out: null, device: "cpu" } as const;
  const { experiments } = await run({ dataset: path }, options);
  const [{ levels }] = experiments[0].runs;
  expect(levels[0].valAccuracy.number).toBeGreaterThan(0.97);
  expect(levels[0].valAccuracy.number).toBeLessThanOrEqual(1);
  expect(levels[0].valAccuracy.sign).toBeGreaterThan(0.9);
});

it("refuses targets that are all the same", async () => {
  const path = csv(() => 3);
  await expect(run({ dataset: path }, { set, out: null, device: "cpu" })).rejects.toThrow(
    'numbers: task "number" has the same target in all 80 validation samples, so R² is not defined: correct the data, or choose another validation split',
  );
});
