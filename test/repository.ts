import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/device/environment/node.ts";

/** The text of a file. @param path from the root of the repository */
export function readText(path: string): string {
  return readFileSync(join(packageRoot(), path), "utf8");
}

/** What .gitignore keeps out of the repository, and git's own folder: names, with a `/` before those at the top alone. */
const ignored = new Set([".git", ...readText(".gitignore").split("\n")].map((line) => line.replace(/\/$/, "")));

/** Whether a name in a folder, which is empty or ends in `/`, belongs to the repository. */
const isOurs = (folder: string, name: string) => !ignored.has(name) && !(folder === "" && ignored.has(`/${name}`));

/** Every file and folder of the repository, `/`-separated, folders with a `/` at the end. */
export function repositoryPaths(folder = ""): string[] {
  return readdirSync(join(packageRoot(), folder), { withFileTypes: true })
    .filter(({ name }) => isOurs(folder, name))
    .flatMap((entry) => {
      const path = `${folder}${entry.name}`;
      return entry.isDirectory() ? [`${path}/`, ...repositoryPaths(`${path}/`)] : [path];
    });
}

/** Whether a path lies in a folder at the top that builds and runs make, which .gitignore keeps out: `dist/cli.mjs`. */
export function isMade(path: string): boolean {
  return !isOurs("", path.split("/")[0]);
}

/** Names of the folders in a folder, the top of the repository if none is given. */
export function foldersIn(folder = ""): string[] {
  return readdirSync(join(packageRoot(), folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isOurs(folder, entry.name))
    .map(({ name }) => name)
    .sort();
}

/** The pages for people: README, ARCHITECTURE, CONTRIBUTING, CHANGELOG, the notes on speed, and docs/. */
export const pages = repositoryPaths().filter((path) => /^([^/]+|bench\/NOTES|docs\/.*)\.md$/.test(path));
