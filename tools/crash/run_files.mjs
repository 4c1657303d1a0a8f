import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Fields of `run.json` that tell what happened to a run, and so may differ from a run that nothing happened to. */
const tellsOfEvents = ["restarts", "sha256"];

/** What is compared of a file: its bytes; of `run.json` what is a function of spec and adapter; of times the levels. */
function comparable(path) {
  const bytes = readFileSync(path);
  const name = basename(path);
  try {
    if (name === "run.json") {
      const record = JSON.parse(bytes);
      for (const field of tellsOfEvents) delete record[field];
      return JSON.stringify(record);
    }
    if (name === "timings.jsonl") {
      // A level that is stored has one line; times differ.
      const lines = bytes
        .toString()
        .split("\n")
        .filter((line) => line !== "");
      return JSON.stringify(lines.map((line) => JSON.parse(line).level));
    }
  } catch {
    return "not JSON";
  }
  return createHash("sha256").update(bytes).digest("hex");
}

/** Every file below a folder, with what is compared of it. */
export function runFiles(folder) {
  if (!existsSync(folder)) return new Map();
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return new Map(paths.sort().map((path) => [path.slice(folder.length + 1), comparable(path)]));
}

/** How the files of a folder differ from those of the run without faults: a line each. */
export function differences(reference, found) {
  return [
    ...[...reference.keys()].filter((path) => !found.has(path)).map((path) => `${path} is missing`),
    ...[...found.keys()].filter((path) => !reference.has(path)).map((path) => `${path} is left behind`),
    ...[...reference]
      .filter(([path, content]) => found.has(path) && found.get(path) !== content)
      .map(([path]) => (path.endsWith("timings.jsonl") ? `${path}: other levels` : `${path}: other bytes`)),
  ];
}
