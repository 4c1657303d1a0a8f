import { mkdirSync } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Files } from "../src/base/files.ts";
import { packageRoot } from "../src/device/environment/node.ts";
import { nodePlatform } from "../src/run/node.ts";
import { runExperiments } from "../src/run/run.ts";
import { nodeFiles } from "../src/store/node.ts";

/** Extensions 0 to 6 of Moons-Circles with four seeds each, as a user would run it: levels end by their own patience. */
const grid = { extension: [0, 1, 2, 3, 4, 5, 6], seeds: [0, 1, 2, 3] };

/** What a grid may spend on being durable, as a share of its wall time. */
const bound = 0.03;

const rounds = 5;

/** The same files as a program without care would write them: in place, without fsync. */
const plainFiles: Files = {
  ...nodeFiles,
  write: writeFile,
  writeAll: async (contents) => {
    for (const [path, content] of contents) await writeFile(path, content);
  },
};

const variants = ["durable", "plain files", "nothing stored"] as const;
type Variant = (typeof variants)[number];

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** The median time of an fsync of a small new file, in ms. */
async function fsyncMs(folder: string): Promise<number> {
  const times: number[] = [];
  for (let k = 0; k < 21; k++) {
    const handle = await open(join(folder, `fsync-${k}`), "wx");
    await handle.writeFile("a line\n");
    const startedAt = performance.now();
    await handle.sync();
    times.push(performance.now() - startedAt);
    await handle.close();
  }
  return median(times);
}

interface Trial {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly levels: number;
}

async function trial(variant: Variant, folder: string): Promise<Trial> {
  const platform = nodePlatform();
  let startedAt = 0;
  const before = process.cpuUsage();
  const { experiments } = await runExperiments(
    variant === "plain files" ? { ...platform, files: plainFiles, locks: undefined } : platform,
    "moons-circles",
    {
      device: "cpu",
      set: grid,
      out: variant === "nothing stored" ? null : folder,
      onStart: () => {
        startedAt = performance.now();
      },
    },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  const processorSeconds = (user + system) / 1e6;
  return {
    seconds,
    processorSeconds,
    levels: experiments.flatMap(({ runs }) => runs.flatMap((one) => one.levels)).length,
  };
}

/**
 * What durability costs: the wall time of a grid whose files are written under temporary names, fsynced, renamed and
 * locked against the same grid with plain writes of the same files, and without files. The variants take turns, since
 * other load changes from minute to minute; a ratio is one of a round, and the median over the rounds is compared with
 * the bound. Wall times count on a machine without other load alone: where processes compete for cores, one that waits
 * for its disk is preferred afterwards.
 */
export async function benchDurability(): Promise<string[]> {
  // Below the clone: a folder for temporary files is in memory on some machines, where an fsync costs nothing.
  const cache = join(packageRoot(), ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "bench-durability-"));
  try {
    const sync = await fsyncMs(folder);
    const trials: Record<Variant, Trial[]> = { durable: [], "plain files": [], "nothing stored": [] };
    for (let round = 0; round < rounds; round++) {
      // Every variant comes first, second and last, so that none gains from its place.
      for (let k = 0; k < variants.length; k++) {
        const variant = variants[(round + k) % variants.length];
        trials[variant].push(await trial(variant, join(folder, `${round}-${variants.indexOf(variant)}`)));
      }
    }
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const cost = (of: "seconds" | "processorSeconds", than: Variant) => {
      const ratios = trials.durable.map((one, round) => one[of] / trials[than][round][of] - 1);
      return `${percent(median(ratios))} (${percent(Math.min(...ratios))} to ${percent(Math.max(...ratios))})`;
    };
    const took = variants.map((variant) => {
      const [wall, processor] = [
        trials[variant].map((one) => one.seconds),
        trials[variant].map((one) => one.processorSeconds),
      ];
      return `${variant} ${median(wall).toFixed(2)} s (${median(processor).toFixed(2)} s of processor time)`;
    });
    return [
      `durability: 28 runs, ${trials.durable[0].levels} levels on the CPU engine, ${rounds} rounds in turns: ${took.join(", ")}; an fsync takes ${sync.toFixed(2)} ms`,
      `durability: more than plain files: wall time ${cost("seconds", "plain files")}, processor time ${cost("processorSeconds", "plain files")} (to reach: ${percent(bound)} of wall time)`,
      `durability: more than nothing stored: wall time ${cost("seconds", "nothing stored")}, processor time ${cost("processorSeconds", "nothing stored")}`,
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
