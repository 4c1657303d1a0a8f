import { invariant } from "../base/errors.ts";
import type { Device } from "../device/device.ts";
import type { NullTester } from "../nulls/tester.ts";
import type { NewRun } from "../store/open_run.ts";
import type { Program } from "../store/program.ts";
import type { EngineWork, RunPlace } from "./engine_work.ts";
import type { Prepared } from "./plan.ts";

/** A plan, its resources, and the program that trains on each engine. */
export interface Population extends Omit<Prepared, "device"> {
  /** The open device, which is replaced when it fails; undefined for the CPU. */
  device: Device | undefined;
  readonly programs: ReadonlyMap<EngineWork["engine"], Program>;
  /** Holds tickets against masks by chance; undefined where no spec asks for any. */
  readonly nulls?: NullTester | undefined;
}

/** Root folder of a run, and the record that its folder is checked against. Nothing is on disk if the plan has no folder. */
export function folderOf(
  { plan, programs }: Population,
  { engine }: EngineWork,
  { number, experiment, seed }: RunPlace,
): { readonly root: string; readonly run: NewRun } {
  const { out, executor, experiments } = plan;
  const program = programs.get(engine);
  invariant(program, `no program of engine ${engine.name}`);
  const { tasks, coverage, inputNames, baselines, notices } = experiments[number];
  const { name, hash: specHash, identity: spec } = experiment;
  const told = { ...(inputNames && { inputNames }), baselines, notices, program };
  return {
    root: out ?? "runs",
    run: { name, specHash, seed, executor: `${engine.name}, ${executor}`, spec, tasks, coverage, ...told },
  };
}
