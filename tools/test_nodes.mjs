import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { argumentsOf, layOut } from "./crash/cases.mjs";
import { differences, runFiles } from "./crash/run_files.mjs";

/**
 * `npm run test:nodes [-- 20 22 24]`: the same run on several versions of Node, which npm installs (about 40 MB each) into
 * .cache/nodes. Every file must have the bytes that the Node that runs this has. The last line is `N passed, N failed`.
 */
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const given = process.argv.slice(2);
const versions = given.length > 0 ? given : ["20", "22", "24"];

/** The program of a version of Node, from the npm package `node`. */
function nodeOf(version) {
  const folder = join(root, ".cache", "nodes", version);
  const program = join(folder, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const flags = ["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", `node@${version}`];
  const { status, stderr } = spawnSync("npm", flags, { encoding: "utf8", shell: process.platform === "win32" });
  if (status !== 0) throw new Error(`npm could not install node@${version}: ${stderr}`);
  return program;
}

const folder = mkdtempSync(join(tmpdir(), "split-ticket-nodes-"));
const counts = { passed: 0, failed: 0 };

/** Runs a small population and returns its files. */
function filesBy(program, name) {
  const own = join(folder, name);
  layOut(own, "kept");
  const { status, stderr } = spawnSync(program, [join(root, "dist", "cli.mjs"), ...argumentsOf("kept")], {
    cwd: own,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`it ended with ${status}: ${stderr}`);
  return runFiles(join(own, "runs"));
}

try {
  const reference = filesBy(process.execPath, "own");
  for (const version of versions) {
    try {
      const program = nodeOf(version);
      const shown = spawnSync(program, ["--version"], { encoding: "utf8" }).stdout.trim();
      const differing = differences(reference, filesBy(program, version));
      if (differing.length > 0) throw new Error(differing.join(", "));
      counts.passed++;
      console.log(`ok Node ${shown}: ${reference.size} files as on Node ${process.version}`);
    } catch (error) {
      counts.failed++;
      console.log(`FAILED Node ${version}: ${error.message}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;
