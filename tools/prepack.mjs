import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "./install.mjs";

/**
 * npm's `prepack`, before `npm pack` and `npm publish`: builds dist/, also in a fresh clone, whose development packages it installs
 * first. Where that fails, nothing is packed: without dist/ a package has no command and no library.
 */
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const say = (line) => console.error(`prepack: ${line}`);
try {
  if (!existsSync(join(root, "node_modules", "esbuild"))) install(root, say);
  // Imported after the packages are there.
  const { build } = await import("./build.mjs");
  await build(root, say);
} catch (error) {
  console.error(`prepack failed: ${error.message}`);
  process.exitCode = 1;
}
