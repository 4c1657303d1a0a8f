import { spawnSync } from "node:child_process";
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
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
