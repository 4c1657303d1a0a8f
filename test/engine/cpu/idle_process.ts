import { openSmallCpuEngine } from "../small_cpu_engine.ts";
import { settings, start } from "../small_networks.ts";

/** A process that trains a level and ends without closing its engine: it must exit by itself. */
async function main(): Promise<void> {
  const network = await openSmallCpuEngine(2).admit(start(1));
  const { epochs } = await network.train(0, settings);
  console.log(`trained ${epochs} epochs`);
}

void main();
