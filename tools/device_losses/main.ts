import { parseArgs } from "node:util";
import { adapterEnvironment, runWithEnvironment } from "../../src/device/environment/node.ts";
import { type Engine, engines, LossTrials } from "./trials.ts";

/**
 * `npm run test:devices`: runs lose their device at random moments of set-up, training, readback, selection and storing,
 * by a real `destroy()`, until 100 losses (`--losses`) were outlived. Every run must end with the bytes of a run without a
 * loss. The last line is `N passed, N failed`.
 */
const { values } = parseArgs({
  options: {
    losses: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    engine: { type: "string" },
    minutes: { type: "string", default: "60" },
  },
});
const environment = await adapterEnvironment("auto");
const exitCode = await runWithEnvironment(environment);
if (exitCode !== undefined) process.exit(exitCode);

const chosen = values.engine === undefined ? engines : engines.filter((name) => name === values.engine);
const until = performance.now() + Number(values.minutes) * 60_000;
let [losses, passed, failed] = [0, 0, 0];
process.on("unhandledRejection", (error) => {
  failed++;
  console.log(`FAILED unhandled rejection: ${(error as Error).stack}`);
});
const trials = new LossTrials(Number(values.seed));
for (let k = 0; losses < Number(values.losses) && performance.now() < until; k++) {
  const engine: Engine = chosen[k % chosen.length];
  const result = await trials.next(engine);
  losses += result.losses;
  if (result.problem === undefined) passed++;
  else failed++;
  console.log(
    `${result.problem === undefined ? "passed" : "FAILED"} ${engine}: ${result.losses} losses (${losses} in all)${result.problem === undefined ? "" : `: ${result.problem}`}`,
  );
}
console.log(`${losses} losses on ${environment.source}`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
