import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageRoot } from "../device/environment/node.ts";

function versionIn(folder: string): string {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

/** The version of this package. */
export function packageVersion(): string {
  return versionIn(packageRoot());
}

/** The version of the package that carries Dawn. */
export function dawnVersion(): string {
  return versionIn(dirname(createRequire(import.meta.url).resolve("webgpu")));
}
