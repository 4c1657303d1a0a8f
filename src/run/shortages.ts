import { formatBytes } from "../base/format.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { AdapterPlan } from "../engine/adapter/plan.ts";
import type { CpuPlan } from "../engine/cpu/plan.ts";
import { hostDatasetBytes } from "../engine/cpu/sizes.ts";
import { startsTrained } from "../lottery/rewind.ts";
import type { Spec } from "../lottery/spec.ts";
import type { TestWork } from "./engine_work.ts";
import { compiledKernelsBytes, resultBytes, runDisk } from "./needs.ts";
import type { Platform } from "./platform.ts";
import type { PlannedEngine, PlannedExperiment, RunPlan } from "./run_plan.ts";
import type { StoredProgress } from "./stored_progress.ts";

/** What is planned, and with it what is needed. */
export interface Planned {
  readonly works: readonly {
    readonly dataset: Dataset;
    readonly engine: AdapterPlan | CpuPlan;
    readonly test?: TestWork | undefined;
    readonly specs: readonly Spec[];
  }[];
  readonly experiments: readonly PlannedExperiment[];
  readonly engines: readonly PlannedEngine[];
  readonly kind: RunPlan["kind"];
  readonly deviceBytes: number;
}

type Needs = Pick<RunPlan, "hostBytes" | "memoryBytes" | "memoryLimit" | "diskBytes" | "freeDiskBytes" | "shortages">;

/**
 * What the runs that are still to do take of main memory and of the disk, beside what is free, and a line for each need
 * that is above it.
 * @param out folder of all runs; null stores nothing
 * @param progress what is stored of each run, `[experiment][seed]`
 */
export async function needsOf(
  platform: Platform,
  planned: Planned,
  out: string | null,
  progress: readonly (readonly (StoredProgress | undefined)[])[],
): Promise<Needs> {
  const diskBytes = out === null ? 0 : diskBytesOf(planned, progress);
  const freeDiskBytes = out === null ? null : ((await platform.freeDiskBytes(out)) ?? null);
  const hostBytes = hostBytesOf(platform, planned, platform.keepsFilesInMemory ? diskBytes : 0);
  const { memoryBytes, memoryLimit } = platform;
  const shortages: string[] = [];
  if (hostBytes > memoryBytes) {
    shortages.push(
      `the run takes up to ${formatBytes(hostBytes)} of main memory, and this process may have ${formatBytes(memoryBytes)} (${memoryLimit}): choose smaller shapes, fewer samples or fewer seeds`,
    );
  }
  shortages.push(...heapShortage(platform, planned), ...addressShortage(platform, planned));
  if (freeDiskBytes !== null && diskBytes > freeDiskBytes) {
    const { experiments } = planned;
    const less = [
      "fewer seeds",
      ...(experiments.some(({ spec }) => spec.keepTrained && !startsTrained(spec)) ? ["keepTrained=false"] : []),
      ...(experiments.some(({ spec }) => spec.keepCurves) ? ["keepCurves=false"] : []),
    ];
    shortages.push(
      `the runs still to do take up to ${formatBytes(diskBytes)} in ${out}, where ${formatBytes(freeDiskBytes)} are free for this user: give ${less.join(", ")} or another --out`,
    );
  }
  return { hostBytes, memoryBytes, memoryLimit, diskBytes, freeDiskBytes, shortages };
}

/** What the runs that have not ended are still to write. */
function diskBytesOf(
  { experiments, engines, works }: Planned,
  progress: readonly (readonly (StoredProgress | undefined)[])[],
): number {
  let bytes = 0;
  let passing = 0;
  experiments.forEach(({ spec, tasks, seeds }, k) => {
    const work = works.find(({ specs }) => specs.includes(spec));
    const disk = runDisk(spec, tasks.length, work?.dataset.train.samples ?? 1);
    seeds.forEach((_, run) => {
      const stored = progress[k][run];
      if (stored?.hasEnded) return;
      bytes += disk.bytesAfter(Math.min(stored?.finished ?? 0, spec.remaining.length));
      passing = Math.max(passing, disk.passingBytes);
    });
  });
  return bytes + passing * Math.max(...engines.map(({ atOnce }) => atOnce));
}

/**
 * Most main memory of the process: what it took so far, such as for reading a table, or what it has now with all that
 * training adds.
 */
function hostBytesOf({ memoryNow }: Platform, planned: Planned, fileBytes: number): number {
  const { works, engines, experiments, kind, deviceBytes } = planned;
  const now = memoryNow?.();
  const datasets = new Set<Dataset>(works.flatMap(({ dataset, test }) => (test ? [dataset, test.dataset] : [dataset])));
  // Where it is not told: twice, the dataset, and the content of its file before garbage collection.
  const loaded = [...datasets].reduce((sum, dataset) => sum + 2 * hostDatasetBytes(dataset), 0);
  const compiled = works.map(({ engine, specs }) =>
    engine.kind === "adapter" ? compiledKernelsBytes(engine, specs) : 0,
  );
  const added =
    Math.max(...engines.map((engine) => engine.hostBytes)) +
    resultsOf(experiments) +
    fileBytes +
    // The memory of a software adapter's device is main memory.
    (kind === "software" ? deviceBytes + Math.max(...compiled) : 0);
  return Math.max(now?.peakBytes ?? 0, (now?.residentBytes ?? loaded) + added);
}

/** Bytes of the results of all runs, which are held on the heap until all runs have ended. */
function resultsOf(experiments: readonly PlannedExperiment[]): number {
  return experiments.reduce((sum, { spec, seeds }) => sum + seeds.length * resultBytes(spec), 0);
}

function heapShortage({ memoryNow }: Platform, { experiments }: Planned): string[] {
  const free = memoryNow?.().freeHeapBytes ?? Number.POSITIVE_INFINITY;
  const results = resultsOf(experiments);
  if (results <= free) return [];
  return [
    `the results of all runs take up to ${formatBytes(results)} on the heap of JavaScript, where ${formatBytes(free)} are free: give fewer seeds, or more heap by NODE_OPTIONS=--max-old-space-size=<MB>`,
  ];
}

/** Addresses that V8 reserves for a thread: 10 GiB around its WebAssembly memory, and those of an interpreter. */
const threadAddressBytes = 10 * 2 ** 30 + 800e6;

function addressShortage({ memoryNow }: Platform, { works }: Planned): string[] {
  const free = memoryNow?.().freeAddressBytes;
  const threads = Math.max(
    ...works.map(({ engine, test }) => (engine.kind === "cpu" ? engine.slots + (test?.engine.slots ?? 0) : 0)),
  );
  const needed = threads * threadAddressBytes;
  if (free === undefined || needed <= free) return [];
  return [
    `the CPU engine reserves ${formatBytes(needed)} of address space for ${threads === 1 ? "its thread" : `its ${threads} threads`}, and ulimit -v leaves ${formatBytes(free)}: raise it (ulimit -v unlimited), or start node with --disable-wasm-trap-handler`,
  ];
}
