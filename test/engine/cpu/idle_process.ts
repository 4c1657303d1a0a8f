import { openSmallCpuEngine } from "../small_cpu_engine.ts";
import { jobOf } from "../small_networks.ts";

/** A process that trains a level and does not close its engine; it must exit on its own. */
async function main(): Promise<void> {
  const { training } = await openSmallCpuEngine(2).train(jobOf(1));
  console.log(`trained ${training.epochs} epochs`);
}

void main();
