import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";
import { provideChromium } from "./chromium.mjs";
import { linkCommand } from "./command_link.mjs";
import { install } from "./install.mjs";
import { provideSwiftShader } from "./swiftshader.mjs";

/**
 * Prepares a clone: packages, a software adapter, a browser for the tests, dist/. Existing parts are not changed, so a
 * second call is fast and needs no network. It runs before packages are installed, so it imports only modules of Node.
 * Prints one line per action to standard error, since standard output belongs to the command that follows.
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
