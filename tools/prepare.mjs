import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";

/**
 * npm's `prepare`: builds dist/ before the package is packed, and where a clone is installed or is a git dependency of another
 * package. Without the development packages (`npm ci --omit=dev`) nothing can be built, which is no error.
 */
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const say = (line) => console.error(`prepare: ${line}`);
if (existsSync(join(root, "node_modules", "esbuild"))) {
  await build(root, say).catch((error) => {
    console.error(`prepare failed: ${error.message}`);
    process.exitCode = 1;
  });
} else say("dist is not built: the development packages are not installed (npm ci)");
