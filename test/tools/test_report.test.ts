import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
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
  output?: string;
}
interface Failure {
  name: string;
  message: string;
}
const path = join(packageRoot(), "tools", "test_report.mjs");
const {
  countTests,
  closingLines,
  failedTests,
  failureLines,
}: {
  countTests(report: unknown, root: string): Counts;
  closingLines(
    stages: Stage[],
    counts: Counts,
    adapter: string,
    whole: boolean,
    failures: Failure[],
  ): { lines: string[]; ok: boolean };
  failedTests(report: unknown, root: string): Failure[];
  failureLines(failures: Failure[]): string[];
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
    expect(closingLines(stages(true, true), good, "software: X", true, [])).toEqual({
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
    const { lines, ok } = closingLines(ran, counts, "none", true, []);
    expect(ok).toBe(false);
    expect(lines.at(-1)).toBe(last);
  });

  it("ask for GPU tests in whole runs only, and say so", () => {
    const without = { ...good, gpu: 0 };
    expect(closingLines(stages(true, true), without, "none", false, []).ok).toBe(true);
    expect(closingLines(stages(true, true), without, "none", true, []).lines.slice(-4)).toEqual([
      "failures:",
      "FAILED no GPU test ran",
      "  none below test/kernels, test/engine or test/device passed; see the adapter line",
      "7 passed, 1 failed",
    ]);
  });

  it("name what failed just above the last line, with the first lines of the messages", () => {
    const [types, tests] = stages(false, false);
    const failed = [{ ...types, output: "src/a.ts(1,2): error TS1: no\n" }, tests];
    const failures = [
      { name: "test/a.test.ts > a > b", message: "\u001b[31mAssertionError\u001b[39m: 1, not 2\n    at /a.ts:1:2" },
    ];
    const { lines } = closingLines(failed, { ...good, failed: 1 }, "none", true, failures);
    expect(lines.slice(-6)).toEqual([
      "failures:",
      "FAILED types",
      "  src/a.ts(1,2): error TS1: no",
      "FAILED test/a.test.ts > a > b",
      "  AssertionError: 1, not 2",
      "7 passed, 2 failed",
    ]);
  });
});

describe("failedTests", () => {
  it("gives failed tests by file and titles, and files that failed without one", () => {
    const failed = {
      status: "failed",
      ancestorTitles: ["outer", "inner"],
      title: "does",
      failureMessages: ["Error: no\n    at x (/clone/test/a.test.ts:1:2)"],
    };
    const report = {
      testResults: [
        { name: "/clone/test/a.test.ts", status: "failed", assertionResults: [{ status: "passed" }, failed] },
        { name: "/clone/test/b.test.ts", status: "failed", message: "Cannot find module", assertionResults: [] },
        { name: "/clone/test/c.test.ts", status: "passed", assertionResults: [{ status: "passed" }] },
      ],
    };
    const found = failedTests(report, "/clone");
    expect(failureLines(found)).toEqual([
      "failures:",
      "FAILED test/a.test.ts > outer > inner > does",
      "  Error: no",
      "FAILED test/b.test.ts",
      "  Cannot find module",
    ]);
    expect(failureLines(failedTests(null, "/clone"))).toEqual([]);
  });

  it("keeps the lines of thousands of failures few and short", () => {
    const many = Array.from({ length: 3000 }, (_, i) => ({
      name: `test ${i}\nof two lines`,
      message: "x".repeat(1e4),
    }));
    const lines = failureLines(many);
    expect(lines.length).toBeLessThan(500);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(310);
    expect(lines.at(-1)).toBe("and 2600 more");
    expect(lines).toContain("FAILED test 399 of two lines");
  });
});

describe(".ci/run", () => {
  /** Runs the check of a package whose scripts print what is given and end with a code. */
  function check(scripts: Record<string, readonly [text: string, code: number]>) {
    const root = mkdtempSync(join(tmpdir(), "split-ticket-ci-"));
    try {
      mkdirSync(join(root, ".ci"));
      cpSync(join(packageRoot(), ".ci", "run"), join(root, ".ci", "run"));
      for (const [name, [text]] of Object.entries(scripts))
        writeFileSync(join(root, `${name.replace(":", "_")}.txt`), text);
      const commands = Object.entries(scripts).map(([name, [, code]]) => [
        name,
        `cat ${name.replace(":", "_")}.txt && exit ${code}`,
      ]);
      writeFileSync(join(root, "package.json"), JSON.stringify({ scripts: Object.fromEntries(commands) }));
      const { status, stdout } = spawnSync(join(root, ".ci", "run"), { encoding: "utf8" });
      return { status, lines: stdout.trimEnd().split("\n") };
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }

  it("tells the failures of all three scripts again just above its last line", () => {
    const { status, lines } = check({
      test: ["failures:\nnot these\nlog\nfailures:\nFAILED test/a > b\n  1, not 2\n3 passed, 1 failed\n", 1],
      "test:wgpu": ["starting\ntest:wgpu: wgpu finds no adapter\n", 2],
      "test:package": ["failures:\nFAILED npm pack\n  no disk\n5 passed, 1 failed\n", 1],
    });
    const first = lines.lastIndexOf("npm run test failed:");
    expect(lines.slice(first)).toEqual([
      "npm run test failed:",
      "FAILED test/a > b",
      "  1, not 2",
      "npm run test:wgpu failed:",
      "  starting",
      "  test:wgpu: wgpu finds no adapter",
      "npm run test:package failed:",
      "FAILED npm pack",
      "  no disk",
      "8 passed, 3 failed",
    ]);
    expect(status).toBe(1);
  });

  it("ends with 0 and without failures where all passed", () => {
    const { status, lines } = check({
      test: ["3 passed, 0 failed\n", 0],
      "test:wgpu": ["2 passed, 0 failed\n", 0],
      "test:package": ["1 passed, 0 failed\n", 0],
    });
    expect([status, lines.at(-1)]).toEqual([0, "6 passed, 0 failed"]);
    expect(lines.join("\n")).not.toMatch(/fail(ed:|ures)|FAILED/);
  });
});

it("the files that start first are there", async () => {
  const { longestFirst } = await import("../../tools/longest_first.mjs");
  for (const file of longestFirst) expect(existsSync(join(packageRoot(), file)), file).toBe(true);
  expect(new Set(longestFirst).size).toBe(longestFirst.length);
});
