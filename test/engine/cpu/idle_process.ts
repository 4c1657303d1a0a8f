import { openSmallCpuEngine } from "../small_cpu_engine.ts";
import { jobOf } from "../small_networks.ts";

/** A process that trains a level and ends without closing its engine: it must exit by itself. */
async function main(): Promise<void> {
  const { training } = await openSmallCpuEngine(2).train(jobOf(1));
  console.log(`trained ${training.epochs} epochs`);
}

void main();
