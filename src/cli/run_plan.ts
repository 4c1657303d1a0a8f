import { formatBytes, inThousands, plural } from "../base/format.ts";
import { formatShape } from "../base/shape.ts";
import type { PlannedEngine, RunPlan } from "../node.ts";
import { plainTable } from "../report/plain_table.ts";
import { experimentLabels, runCount } from "./run_name.ts";

/** The device and engine that were asked for. */
interface Choice {
  readonly device: string;
  readonly engine: string;
}

/** One line on the adapter, and one on each engine. */
export function describeEngines(plan: RunPlan, { device, engine: choice }: Choice): string[] {
  const { kind, executor, idleAdapter, engines, experiments } = plan;
  const adapter = {
    gpu: `${executor} (gpu)`,
    software: `${executor} (software: runs on the CPU, expect minutes)`,
    cpu:
      device === "cpu" || choice === "cpu"
        ? "none, as asked: the CPU computes"
        : idleAdapter !== undefined
          ? `${idleAdapter} (gpu), not used`
          : "no graphics processor found: the CPU computes (--device software trains by WGSL on a software adapter)",
  }[kind];
  const noun = experiments.length === 1 ? "seed" : "run";
  const engineLine = ({ name, reason, dataset, runs, atOnce, deviceBytes, hostBytes }: PlannedEngine) => {
    const memory = kind === "cpu" ? `${formatBytes(hostBytes)} in memory` : `${formatBytes(deviceBytes)} on the device`;
    const why = kind === "cpu" && idleAdapter === undefined ? executor : reason;
    const data = engines.length > 1 ? ` for ${dataset}` : "";
    return `engine${data}: ${name} (${why}), ${atOnce} of ${plural(runs, noun)} at a time, ${memory}`;
  };
  return [`adapter: ${adapter}`, ...engines.map(engineLine)];
}

/** Levels to train if no run stops early. */
export function networkLevels({ experiments }: RunPlan): number {
  return experiments.reduce((sum, { spec, seeds }) => sum + seeds.length * spec.remaining.length, 0);
}

/** `memory: at most 12 MB on the device, 231 MB in main memory, the program included, of 21.4 GB for this process`. */
function describeMemory({ kind, deviceBytes, hostBytes, memoryBytes }: RunPlan): string {
  const device = kind === "cpu" ? "" : `${formatBytes(deviceBytes)} on the device, `;
  const shared = kind === "software" ? ", which the device shares" : "";
  return `memory: at most ${device}${formatBytes(hostBytes)} in main memory${shared}, the program included, of ${formatBytes(memoryBytes)} for this process`;
}

/** `disk: at most 3.1 MB in runs, where 69 GB are free`. */
function describeDisk({ diskBytes, freeDiskBytes }: RunPlan, out: string): string {
  const free = freeDiskBytes === null ? "" : `, where ${formatBytes(freeDiskBytes)} are free`;
  return `disk: at most ${formatBytes(diskBytes)} in ${out}${free}`;
}

/** The plan as text: everything that is known before a run starts. */
export function describePlan(plan: RunPlan, choice: Choice, out: string): string {
  const { experiments } = plan;
  const labels = experimentLabels(experiments);
  const table = plainTable(
    [
      ...(experiments.length > 1 ? [{ head: "experiment", align: "left" } as const] : []),
      { head: "shape", align: "left" },
      { head: "weights\nat first", align: "right" },
      { head: "at\nlast", align: "right" },
      { head: "levels", align: "right" },
      { head: "seeds", align: "left" },
      { head: "disk\na run", align: "right" },
      { head: "folder", align: "left" },
    ],
    experiments.map(({ spec, seeds, diskBytesPerRun, folder }, k) => [
      ...(experiments.length > 1 ? [labels[k].trimEnd()] : []),
      formatShape(spec.shape),
      inThousands(spec.remaining[0]),
      inThousands(spec.remaining[spec.remaining.length - 1]),
      spec.remaining.length,
      formatSeeds(seeds),
      formatBytes(diskBytesPerRun),
      folder ?? "none",
    ]),
  );
  return [
    `${plural(runCount(experiments), "run")} of ${plural(experiments.length, "experiment")}, at most ${plural(networkLevels(plan), "level")} to train`,
    ...describeEngines(plan, choice),
    ...plan.notices,
    describeMemory(plan),
    describeDisk(plan, out),
    "",
    table,
    "dry run: nothing was trained or written",
  ].join("\n");
}

/** `0..3,7`. */
function formatSeeds(seeds: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const seed of [...seeds].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === seed - 1) last[1] = seed;
    else ranges.push([seed, seed]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}..${last}`)).join();
}
