import type { GridInput } from "../../src/lottery/grid.ts";
import type { RunEvent } from "../../src/lottery/messages.ts";
import type { EngineChoice } from "../../src/run/options.ts";
import type { Platform } from "../../src/run/platform.ts";
import { runExperiments } from "../../src/run/run.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import type { Phase } from "./phases.ts";

/**
 * The networks under trial, small since a device that is lost costs a compilation on the next one already. On a software
 * adapter `auto` trains level 0 with dense and the others with resident kernels, `tiled` the last level with sparse ones.
 */
const set: Partial<GridInput> = {
  base: undefined,
  extension: undefined,
  samples: 1200,
  shape: [4, 34, 34, 2],
  rate: 0.5,
  levels: 2,
  batch: 400,
  maxEpochs: 20,
  keepCurves: true,
  keep: "best",
  seeds: [0, 1, 2],
};

/** What became of one run. */
export interface TrialResult {
  /** Of each device or thread that was lost and replaced, the phase in which it was lost. */
  readonly losses: readonly Phase[];
  /** Undefined where the bytes are those of a run without a loss. */
  readonly problem: string | undefined;
}

/** Trains the networks; returns the files that are a function of spec and adapter, as text. */
export async function trainRuns(
  platform: Platform,
  choice: EngineChoice,
  hear: { readonly event?: (event: RunEvent) => void; readonly restarted?: () => void } = {},
): Promise<ReadonlyMap<string, string>> {
  const files = new MemoryFiles();
  const { experiments } = await runExperiments({ ...platform, files, locks: undefined }, "moons-circles", {
    ...choice,
    out: "r",
    set,
    checkpointEvery: 0.02,
    observe: hear.event,
    onRestart: hear.restarted,
  });
  const [failed] = experiments.flatMap((experiment) => experiment.failed);
  if (failed) throw new Error(`seed ${failed.seed}: ${failed.message}`);
  const stored = files.entries().filter(([path]) => !/(timings\.jsonl|run\.json)$/.test(path));
  return new Map(stored.map(([path, content]) => [path, Buffer.from(content).toString("base64")]));
}

/** A sentence about the files that differ; undefined where none does. */
export function differences(expected: ReadonlyMap<string, string>, actual: ReadonlyMap<string, string>) {
  const paths = [...new Set([...expected.keys(), ...actual.keys()])];
  const differing = paths.filter((path) => expected.get(path) !== actual.get(path));
  return differing.length === 0 ? undefined : `other bytes in ${differing.join(", ")}`;
}
