import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Ways to damage a file: its content afterwards, or null if it is gone. `pick(n)` is a random integer below n. */
const ways = {
  deleted: () => null,
  emptied: () => Buffer.alloc(0),
  cut: (bytes, pick) => bytes.subarray(0, pick(bytes.length)),
  zeroed: (bytes, pick) => {
    const from = pick(bytes.length);
    return Buffer.from(bytes).fill(0, from, from + 1 + pick(bytes.length - from));
  },
  flipped: (bytes, pick) => {
    const changed = Buffer.from(bytes);
    changed[pick(bytes.length)] ^= 1 << pick(8);
    return changed;
  },
  lengthened: (bytes, pick) => Buffer.concat([bytes, bytes.subarray(pick(bytes.length))]),
  "another seed's": (_bytes, pick, path) => anotherOf(path, pick, (one) => basename(one) === basename(path)),
  "another level's": (_bytes, pick, path) =>
    anotherOf(path, pick, (one) => dirname(one) === dirname(path) && /level-\d+/.test(one)),
};
export const damages = Object.keys(ways);

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** The content of another file of the same experiment that a test accepts. */
function anotherOf(path, pick, accepts) {
  const folder = dirname(dirname(path));
  const others = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((one) => one !== path && accepts(one));
  return others.length > 0 ? readFileSync(others[pick(others.length)]) : null;
}

/**
 * Damages one file of the runs.
 * @param random numbers from 0 to below 1
 * @returns the path from the folder of runs, what was done, and whether it changed a byte that `run.json` had sealed, so
 *   that the damage must be said
 */
export function damageOne(runs, random) {
  const pick = (count) => Math.floor(random() * count);
  const files = readdirSync(runs, { recursive: true })
    .filter((name) => /seed-\d+\/[a-z]/.test(name) && !/\/lock(-\d+)?\.json$/.test(name))
    .sort();
  const name = files[pick(files.length)];
  const way = damages[pick(damages.length)];
  const path = join(runs, name);
  const before = readFileSync(path);
  const after = before.length === 0 ? null : ways[way](before, pick, path);
  const record = JSON.parse(readFileSync(join(dirname(path), "run.json"), "utf8"));
  // What a line of a level that was not finished holds is dropped in any case.
  const sealed = (bytes) =>
    name.endsWith(".jsonl") ? bytes.toString("latin1").split("\n").slice(0, record.finished).join("\n") : bytes;
  // Nor is a file that was written since, such as a level's with the weights that it has trained.
  const listed = record.checksums?.[basename(path)];
  const isListed = name.endsWith(".jsonl") ? listed !== undefined : listed === sha256(before);
  if (after === null) rmSync(path);
  else writeFileSync(path, after);
  const isSealed = isListed && (after === null || !Buffer.from(sealed(before)).equals(Buffer.from(sealed(after))));
  return { name, way: after === null ? "deleted" : way, isSealed };
}
