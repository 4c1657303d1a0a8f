import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * `node tools/third_party.mjs` writes THIRD-PARTY.md: every package of the lock files with its licence, those that users install
 * first. test/tools/supply_chain.test.ts fails while the file differs.
 */
const lockFiles = ["package-lock.json", "tools/deno/package-lock.json", "bench/peers/package-lock.json"];

/** Licences of packages that users install: each lets them use, change and pass on. */
export const licencesForUsers = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
  "Unlicense",
];
/** Licences of packages that a clone alone installs. */
export const licencesInClone = [...licencesForUsers, "MIT OR Apache-2.0", "Apache-2.0 AND MIT", "MPL-2.0"];

/**
 * Packages of a lock file, each once, by name and version.
 * @returns `{ name, version, licence, isForUsers }` in the order of their names
 */
export function lockedPackages(lock) {
  const found = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === "") continue;
    const name = entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const key = `${name}@${entry.version}`;
    const isForUsers = !entry.dev || found.get(key)?.isForUsers === true;
    found.set(key, { name, version: entry.version, licence: entry.license, isForUsers });
  }
  return [...found.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

const table = (packages) => [
  "| package | version | licence |",
  "| --- | --- | --- |",
  ...packages.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
];

/** The text of THIRD-PARTY.md. */
export function thirdPartyText(root) {
  const [own, ...others] = lockFiles.map((file) => lockedPackages(JSON.parse(readFileSync(join(root, file), "utf8"))));
  return [
    "# Packages of others",
    "",
    "Written by `node tools/third_party.mjs` from the lock files. The licence texts stand in the packages themselves; those of packages",
    "that are part of the page's files, and of AssemblyScript, whose standard library is compiled into the CPU engine's module, are in",
    "`dist/page/licences.txt`. The package `webgpu` holds Dawn, which is Google's and BSD-3-Clause, compiled for five platforms.",
    "",
    "## What an install of split-ticket brings",
    "",
    ...table(own.filter(({ isForUsers }) => isForUsers)),
    "",
    "## What a clone installs beside it, to build and test",
    "",
    ...table(own.filter(({ isForUsers }) => !isForUsers)),
    "",
    "## What `npm run test:wgpu` installs into tools/deno/",
    "",
    ...table(others[0]),
    "",
    "## What the benchmark of other libraries installs into bench/peers/",
    "",
    ...table(others[1]),
    "",
  ].join("\n");
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  writeFileSync(join(root, "THIRD-PARTY.md"), thirdPartyText(root));
}
