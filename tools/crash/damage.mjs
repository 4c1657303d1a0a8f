import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
 * @returns the path from the folder of runs, what was done, whether it changed a byte, and whether `run.json` had sealed
 *   the file, so that the damage must be said
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
  const isSealed = basename(path) in (record.checksums ?? {});
  if (after === null) rmSync(path);
  else writeFileSync(path, after);
  const isChanged = !existsSync(path) || !readFileSync(path).equals(before);
  return { name, way: after === null ? "deleted" : way, isChanged, isSealed };
}
