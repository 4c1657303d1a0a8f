import { adapterEnvironment, runWithEnvironment } from "../src/device/environment/node.ts";
import { benchAnalysis } from "./analysis.ts";

/** `npm run bench`: prints the figures of every benchmark, in an environment that has an adapter. */

const environment = await adapterEnvironment("auto");
await runWithEnvironment(environment);
console.log(`adapter ${environment.source}`);
for (const bench of [benchAnalysis]) {
  for (const line of await bench()) console.log(line);
}
