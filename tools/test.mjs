import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { adapterEnvironment, adapterVariable } from "../dist/environment.mjs";
import { closingLines, countTests, failedTests } from "./test_report.mjs";

/**
 * `npm test`: types, lint and format, then all tests in an environment with an adapter. All stages run, even if one
 * fails. Arguments are passed to vitest (`npm test -- test/analysis`).
 */
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const flags = process.argv.slice(2);
const { env, source, kind } = await adapterEnvironment("auto");
const testEnvironment = { ...process.env, ...env, ...(kind === "none" ? {} : { [adapterVariable]: source }) };

/** Runs a program of a package as one stage. What a checker prints is kept, to be told again at the end. */
function stage(name, program, args, environment) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "node_modules", program), ...args], {
    cwd: root,
    env: environment ?? process.env,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: environment ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
  });
  const output = environment ? undefined : `${stdout}${stderr}`;
  if (output) process.stdout.write(output);
  return { name, ok: status === 0, seconds: (performance.now() - started) / 1000, output };
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
  const failures = failedTests(report, root);
  const { lines, ok } = closingLines(stages, countTests(report, root), source, flags.length === 0, failures);
  console.log(`\n${lines.join("\n")}`);
  process.exitCode = ok ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
