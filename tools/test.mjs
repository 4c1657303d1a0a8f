import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { adapterEnvironment, adapterVariable } from "../dist/environment.mjs";
import { closingLines, countTests } from "./test_report.mjs";

/**
 * `npm test`: types, lint and format, then all tests in an environment with an adapter. All stages run, even if one
 * fails. Arguments are passed to vitest (`npm test -- test/analysis`).
 */
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const flags = process.argv.slice(2);
const { env, source, kind } = await adapterEnvironment("auto");
const testEnvironment = { ...process.env, ...env, ...(kind === "none" ? {} : { [adapterVariable]: source }) };

/** Runs a program of a package as one stage. */
function stage(name, program, args, environment = process.env) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [join(root, "node_modules", program), ...args], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return { name, ok: status === 0, seconds: (performance.now() - started) / 1000 };
}

const folder = mkdtempSync(join(tmpdir(), "split-ticket-test-"));
try {
  const reportPath = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`];
  const stages = [
    stage("types", "typescript/bin/tsc", ["-p", "."]),
    stage("lint and format", "@biomejs/biome/bin/biome", ["ci", "--error-on-warnings", "."]),
    stage("tests", "vitest/vitest.mjs", ["run", ...reporters, ...flags], testEnvironment),
  ];
  const report = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, "utf8")) : null;
  const { lines, ok } = closingLines(stages, countTests(report, root), source, flags.length === 0);
  console.log(`\n${lines.join("\n")}`);
  process.exitCode = ok ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
