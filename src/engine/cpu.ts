import type { Engine } from "./engine.ts";
import type { PopulationPlan } from "./population.ts";
import { TiledEngine } from "./tiled.ts";
import { TwinExecutor } from "./twin_executor.ts";

/** The engine where there is no adapter: the same program, carried out by the twins on the calling thread. */
export function openCpuEngine(plan: PopulationPlan): Promise<Engine> {
  return TiledEngine.open("cpu", new TwinExecutor(), plan);
}
