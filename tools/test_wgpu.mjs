import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { adapterEnvironment, adapterVariable } from "../dist/environment.mjs";
import { install } from "./install.mjs";
import { closingLines, countTests, failedTests } from "./test_report.mjs";

/**
 * `npm run test:wgpu`: the tests of kernels and of the adapter's engines on a second WebGPU implementation, wgpu with
 * its WGSL compiler naga, which Firefox and Deno have. Deno is installed into tools/deno/node_modules; no other command
 * needs it. Arguments are passed to vitest. Exit code 2: Deno or an adapter is missing.
 */
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const folder = join(root, "tools", "deno");
const flags = process.argv.slice(2);
/**
 * The tests by default: those that run on an adapter of the host. The CPU engine uses none, and its threads are Node's;
 * nor do the tests of test/engine/shared, some of which simulate time by the turns of Node's event loop; the test of the
 * plan opens Dawn.
 */
const chosen = [
  "test/kernels",
  "test/engine",
  "--exclude=test/engine/cpu/**",
  "--exclude=test/engine/shared/**",
  "--exclude=test/engine/adapter/plan.test.ts",
  "--testNamePattern=^(?!the cpu engine)",
];
/** Printed before the answer, because drivers write to standard output too. */
const answerMark = "adapter facts: ";

/** Facts of the adapter that Deno has under an environment, or null, as `probeAdapter` gives them for Dawn. */
function probeDeno(deno, environment) {
  const script = `
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter?.info ?? {};
    const facts = adapter ? { vendor, architecture, device, description, isFallbackAdapter } : null;
    console.log(${JSON.stringify(`\n${answerMark}`)} + JSON.stringify(facts));`;
  const { stdout } = spawnSync(deno, ["eval", script], { env: environment, encoding: "utf8", timeout: 20_000 });
  const answer = stdout?.split("\n").find((line) => line.startsWith(answerMark));
  return answer ? JSON.parse(answer.slice(answerMark.length)) : null;
}

/** Installs Deno and finds an adapter for it; throws an error of one line where either is missing. */
async function prepare() {
  install(folder, (line) => console.error(`test:wgpu: ${line}`));
  const deno = createRequire(join(folder, "package.json"))("deno/install_api.cjs").runInstall();
  const base = {
    ...process.env,
    // wgpu's backend for OpenGL is no full WebGPU: 13 of these tests fail on it where Mesa's llvmpipe is the driver.
    DENO_WEBGPU_BACKEND: process.env.DENO_WEBGPU_BACKEND ?? "vulkan,metal,dx12",
    // A folder of its own, so that Deno leaves nothing in the home folder; no search for an update at the start.
    DENO_DIR: join(root, ".cache", "deno"),
    DENO_NO_UPDATE_CHECK: "1",
  };
  delete base[adapterVariable];
  const found = await adapterEnvironment("auto", base, undefined, async (variables) => probeDeno(deno, variables));
  if (found.kind === "none") {
    throw new Error(
      "wgpu finds no adapter: install the GPU's driver or Mesa's Vulkan drivers (on Linux x64 `npm run setup` unpacks one)",
    );
  }
  return { deno, source: found.source, environment: { ...base, ...found.env, [adapterVariable]: found.source } };
}

/** Runs vitest in Deno. One worker a core would be idle for half of the time: Deno polls a pending read every 10 ms. */
function runTests(deno, environment, reportPath) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportPath}`];
  const workers = `--maxWorkers=${2 * availableParallelism()}`;
  // Longer than by default: .ci/run starts this beside `npm test`, which is served first.
  const timeouts = ["--testTimeout=300000", "--hookTimeout=300000"];
  const tests = flags.length > 0 ? flags : chosen;
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const child = spawn(
    deno,
    ["run", "--allow-all", "--no-lock", vitest, "run", ...reporters, workers, ...timeouts, ...tests],
    {
      cwd: root,
      env: { ...environment, SPLIT_TICKET_WEBGPU: "host" },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  return new Promise((resolve) => {
    child.on("error", () => resolve(1));
    child.on("exit", (exitCode) => resolve(exitCode ?? 1));
  });
}

const prepared = await prepare().catch((error) => {
  console.error(`test:wgpu: ${error.message}`);
  process.exitCode = 2;
});
if (prepared) {
  const { deno, source, environment } = prepared;
  const temporary = mkdtempSync(join(tmpdir(), "split-ticket-wgpu-"));
  try {
    const reportPath = join(temporary, "report.json");
    const started = performance.now();
    const ok = (await runTests(deno, environment, reportPath)) === 0;
    const report = existsSync(reportPath) ? JSON.parse(readFileSync(reportPath, "utf8")) : null;
    const stages = [{ name: "tests on wgpu", ok, seconds: (performance.now() - started) / 1000 }];
    const failures = failedTests(report, root);
    const closing = closingLines(stages, countTests(report, root), source, flags.length === 0, failures);
    console.log(`\n${closing.lines.join("\n")}`);
    process.exitCode = closing.ok ? 0 : 1;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
