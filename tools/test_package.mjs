import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installedChecks } from "./package_checks.mjs";
import { failureLines } from "./test_report.mjs";

/**
 * `npm run test:package`: packs the package, installs it into an empty folder outside of the repository, as a user does, and
 * tries there the command line, the page, the library, and its types with two versions of TypeScript. It needs the npm
 * registry, or its packages in npm's cache. The Node that runs this file runs the package too. The last line is `N passed, N
 * failed`.
 */
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const folder = mkdtempSync(join(tmpdir(), "split-ticket-package-"));
/** Packages that a user of TypeScript adds: the oldest major version that is tried, and the types of Node. */
const added = ["typescript@5.9.3", "@types/node@20.19.43"];
/** What one check may take; npm may have to fetch 100 MB. */
const limitMs = 300_000;

// The tests of another process may have entered an adapter; a user's shell has not. A script of npm starts this Node.
const { SPLIT_TICKET_ADAPTER: _, ...inherited } = process.env;
const env = { ...inherited, PATH: `${dirname(process.execPath)}${delimiter}${inherited.PATH}`, NO_COLOR: "1" };

/** Runs a program in the user's folder to its end. */
function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      env,
      timeout: limitMs,
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) {
      child[name].setEncoding("utf8").on("data", (text) => {
        output[name] += text;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...output }));
  });
}

/** Runs a program that must succeed, and gives its standard output. */
async function succeed(program, args, options) {
  const { status, stdout, stderr } = await run(program, args, options);
  if (status !== 0) throw new Error(`${[program, ...args].join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** In an npm script the path of the running npm is known. */
const npmCli = process.env.npm_execpath?.endsWith("npm-cli.js") ? process.env.npm_execpath : null;
const npm = (args, options) =>
  npmCli
    ? succeed(process.execPath, [npmCli, ...args], options)
    : succeed("npm", args, { ...options, shell: process.platform === "win32" });

let passed = 0;
const failures = [];
async function check(name, test) {
  const started = performance.now();
  const fault = await test().then(
    () => null,
    (error) => error,
  );
  if (fault) failures.push({ name, message: `${fault.message}` });
  else passed++;
  console.log(`${fault ? "FAILED" : "ok"} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (fault) console.log(`${fault.message}`.replace(/^/gm, "  "));
}

try {
  const user = {
    root,
    folder,
    env,
    run,
    succeed,
    command: (...args) =>
      run(process.execPath, [join(folder, "node_modules", "split-ticket", "dist", "cli.mjs"), ...args]),
    /** What `npm pack --json` says of the tarball. */
    packed: null,
  };
  await check("npm pack", async () => {
    const answer = JSON.parse(await npm(["pack", "--json", "--pack-destination", folder], { cwd: root }));
    // A list up to npm 11, then an object by the packages' names.
    user.packed = Object.values(answer)[0];
  });
  await check("npm install in an empty folder", async () => {
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--no-update-notifier"];
    await npm(["install", ...quiet, join(folder, user.packed.filename), ...added]);
  });
  if (failures.length === 0) {
    const queue = installedChecks(user, readFileSync(join(root, "README.md"), "utf8"));
    const lane = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await check(...next);
    };
    await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, lane));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const closing = [`Node ${process.version}`, ...failureLines(failures), `${passed} passed, ${failures.length} failed`];
console.log(`\n${closing.join("\n")}`);
process.exitCode = failures.length > 0 ? 1 : 0;
