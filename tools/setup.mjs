import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { provideChromium } from "./chromium.mjs";
import { linkCommand } from "./command_link.mjs";
import { install } from "./install.mjs";
import { provideSwiftShader } from "./swiftshader.mjs";

/**
 * Makes a fresh clone ready: packages, a software adapter, a browser for the tests, dist/. What is there already is left alone, so that a second
 * call takes a moment and needs no network. Runs before anything is installed: Node's own modules only.
 * It speaks on standard error, one line per thing done, because the commands it precedes own standard output.
 */
const oldestNode = 20;
const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
const say = (line) => console.error(`set-up: ${line}`);

try {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    throw new Error(`Node ${process.versions.node} is too old; install Node ${oldestNode} or newer`);
  }
  install(root, say);
  await provideSwiftShader(root, say);
  await provideChromium(root, say);
  await build(root, say);
  linkCommand(root);
} catch (error) {
  console.error(`set-up failed: ${error.message}`);
  process.exitCode = 1;
}
