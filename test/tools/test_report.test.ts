import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/device/environment/node.ts";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  gpu: number;
  files: number;
}
interface Stage {
  name: string;
  ok: boolean;
  seconds: number;
}
const path = join(packageRoot(), "tools", "test_report.mjs");
const {
  countTests,
  closingLines,
}: {
  countTests(report: unknown, root: string): Counts;
  closingLines(stages: Stage[], counts: Counts, adapter: string, whole: boolean): { lines: string[]; ok: boolean };
} = await import(path);

const file = (name: string, status: string, ...tests: string[]) => ({
  name: `/clone/${name}`,
  status,
  assertionResults: tests.map((state) => ({ status: state })),
});
const count = (...testResults: ReturnType<typeof file>[]) => countTests({ testResults }, "/clone");

describe("countTests", () => {
  it("counts by state, and GPU tests by folder", () => {
    expect(
      count(
        file("test/kernels/adam.test.ts", "failed", "passed", "passed", "failed"),
        file("test/engine/cpu.test.ts", "passed", "passed", "skipped"),
        file("test/device/open.test.ts", "passed", "passed", "todo"),
        file("test/mask/kernels/mask.test.ts", "passed", "passed"),
      ),
    ).toEqual({ passed: 5, failed: 1, skipped: 2, gpu: 4, files: 4 });
  });

  it("counts a file that could not be loaded, and one whose hook threw, as a failure", () => {
    expect(count(file("test/a.test.ts", "failed"))).toMatchObject({ passed: 0, failed: 1 });
    expect(count(file("test/a.test.ts", "failed", "passed"))).toMatchObject({ passed: 1, failed: 1 });
  });

  it("reads a missing report as nothing", () => {
    expect(countTests(null, "/clone")).toEqual({ passed: 0, failed: 0, skipped: 0, gpu: 0, files: 0 });
  });
});

describe("closingLines", () => {
  const good: Counts = { passed: 7, failed: 0, skipped: 1, gpu: 3, files: 2 };
  const stages = (types: boolean, tests: boolean): Stage[] => [
    { name: "types", ok: types, seconds: 1.25 },
    { name: "tests", ok: tests, seconds: 3 },
  ];

  it("show what ran and end with the count", () => {
    expect(closingLines(stages(true, true), good, "software: X", true)).toEqual({
      lines: [
        "types: ok (1.3 s)",
        "tests: ok (3.0 s)",
        "adapter: software: X",
        "2 test files, 3 GPU tests passed, 1 tests skipped",
        "7 passed, 0 failed",
      ],
      ok: true,
    });
  });

  it.each([
    ["another stage failed", stages(false, true), good, "7 passed, 1 failed"],
    ["tests failed", stages(true, false), { ...good, failed: 2 }, "7 passed, 2 failed"],
    ["both failed", stages(false, false), { ...good, failed: 2 }, "7 passed, 3 failed"],
    ["vitest failed without a failed test", stages(true, false), good, "7 passed, 1 failed"],
    ["no GPU test ran", stages(true, true), { ...good, gpu: 0 }, "7 passed, 1 failed"],
  ])("never say 0 failed when %s", (_, ran, counts, last) => {
    const { lines, ok } = closingLines(ran, counts, "none", true);
    expect(ok).toBe(false);
    expect(lines.at(-1)).toBe(last);
  });

  it("ask for GPU tests in whole runs only, and say so", () => {
    const without = { ...good, gpu: 0 };
    expect(closingLines(stages(true, true), without, "none", false).ok).toBe(true);
    expect(closingLines(stages(true, true), without, "none", true).lines).toContain(
      "FAILED: no GPU test ran (none below test/kernels, test/engine or test/device passed); see the adapter line",
    );
  });
});
