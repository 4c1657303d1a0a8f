import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export { packageVersion } from "../device/environment/node.ts";

/** The version of the package that carries Dawn. */
export function dawnVersion(): string {
  const folder = dirname(createRequire(import.meta.url).resolve("webgpu"));
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}
