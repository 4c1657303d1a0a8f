import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { streamBlock } from "../../src/base/random.ts";
import { Mask } from "../../src/mask/mask.ts";
import { type RunOptions, readTicket, run } from "../../src/node.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-random-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Bit indices of the kept weights of a mask, ascending. */
function keptBits({ words }: Mask): number[] {
  return [...words].flatMap((word, at) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => (word >>> bit) & 1)
      .map((bit) => at * 32 + bit),
  );
}

/**
 * The result of random pruning: the weights with the largest draws under the key (seed, level); ties: the later ones.
 */
function drawn(mask: Mask, remaining: number, seed: number, level: number): number[] {
  const draw = (index: number) => streamBlock(seed, "randomPruning", index, level)[0] >>> 1;
  const byDraw = keptBits(mask).sort((a, b) => draw(a) - draw(b) || a - b);
  return byDraw.slice(byDraw.length - remaining).sort((a, b) => a - b);
}

it.each([
  ["cpu", { device: "cpu" }],
  ["tiled", { engine: "tiled" }],
] as [string, RunOptions][])("prunes level i by the draws of (seed, i), on the engine %s", async (name, choice) => {
  const seeds = [3, 4];
  const set = { extension: 3, criterion: "random" as const, maxEpochs: 1, seeds };
  const { experiments } = await run("moons-circles", { ...choice, set, out: join(root, name) });
  const [{ spec, folder }] = experiments;
  expect(spec.remaining).toEqual([352, 247, 160, 112]);
  for (const seed of seeds) {
    let mask = Mask.full(spec.shape);
    for (const [level, remaining] of spec.remaining.entries()) {
      const path = `${folder}/seed-${seed}/level-0${level}.safetensors`;
      const stored = readTicket(readFileSync(path), path).mask;
      if (level > 0)
        expect(keptBits(stored), `seed ${seed}, level ${level}`).toEqual(drawn(mask, remaining, seed, level));
      mask = stored;
    }
  }
});
