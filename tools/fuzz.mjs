import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { inlinePlugin } from "./inline.mjs";

/** `npm run test:fuzz`: bundles test/fuzz/main.ts, since Node 20 reads no TypeScript, and runs it with the same arguments. */
const root = fileURLToPath(new URL("..", import.meta.url));
const outfile = join(root, ".cache", "fuzz", "main.mjs");
await esbuild.build({
  absWorkingDir: root,
  entryPoints: ["test/fuzz/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  // The page has it from its build.
  define: { pageVersion: JSON.stringify("0") },
  plugins: [inlinePlugin],
  logLevel: "error",
});
// Names of files are changed too, so the commands work in a folder of their own.
const folder = mkdtempSync(join(tmpdir(), "split-ticket-fuzz-"));
try {
  const options = ["--keep", join(root, ".cache", "fuzz", "findings"), ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, [outfile, ...options], { cwd: folder, stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
