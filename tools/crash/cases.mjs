import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A run of tiny networks takes a fraction of a second, of which files take the larger part. */
const spec = { dataset: "moons-circles", samples: 80, shape: [4, 6, 6, 2], rate: 0.4, maxEpochs: 4, batch: 20 };

/** The runs that are disturbed: seeds and spec keys. */
export const cases = {
  plain: { seeds: "0..1", keys: { levels: 2 } },
  kept: { seeds: "0..1", keys: { levels: 1, keepTrained: true, keepCurves: true } },
  // Trains to the weights that it rewinds to, and stores them, before level 0.
  rewound: { seeds: "0..1", keys: { levels: 2, rewind: "5it" } },
  // Each level starts from the stored weights of the level before.
  tuned: { seeds: "0..1", keys: { levels: 2, rewind: "lr" } },
  // Begins with a folder in which one seed has finished a level and the other has begun.
  resumed: { seeds: "0..1", keys: { levels: 2, keepTrained: true, keepCurves: true }, stopAfter: 0 },
  // Begins with a folder of which one file is damaged.
  damaged: { seeds: "0..2", keys: { levels: 4, keepTrained: true, keepCurves: true }, stopAfter: 2 },
  four: { seeds: "0..3", keys: { levels: 4, keepCurves: true } },
};

/** The arguments of a case's command, which is given in a folder that {@link layOut} has made. */
export function argumentsOf(name) {
  return ["run", `${name}.json`, "--device", "cpu", "--seeds", cases[name].seeds, "--out", "runs"];
}

/**
 * Empties a folder and lays out in it what a case begins with.
 * @param begun a folder of runs to begin with, which is copied; undefined: none
 */
export function layOut(folder, name, begun) {
  // The folder itself stays: it is the working folder of a process.
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true });
  writeFileSync(join(folder, `${name}.json`), JSON.stringify({ ...spec, ...cases[name].keys }));
  if (begun) cpSync(begun, join(folder, "runs"), { recursive: true });
}
