import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { adapterEnvironment, runWithEnvironment } from "../../src/device/environment/node.ts";
import type { Sample } from "./sample.ts";
import { describeTrends, soak } from "./soak.ts";
import { BufferCount } from "./watched_device.ts";
import { serveRequests, trainAndReport, trainOnDevice } from "./work.ts";

/**
 * `npm run test:soak`: trains, reports, serves the page, and opens and closes devices and engines, over and over in one
 * process for 30 minutes (`--minutes`). Memory, open files, threads, device buffers, timers and listeners must stay flat
 * after a warm-up. The last line is `N passed, N failed`.
 */
const { values } = parseArgs({ options: { minutes: { type: "string", default: "30" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error(`test:soak: --minutes ${values.minutes} is no number above 0: give minutes, such as 30`);
  process.exit(2);
}
const environment = await adapterEnvironment("auto");
const exitCode = await runWithEnvironment(environment);
if (exitCode !== undefined) process.exit(exitCode);

const folder = mkdtempSync(join(tmpdir(), "split-ticket-soak-"));
const count = new BufferCount();
const hasAdapter = environment.kind !== "none";
const startedAt = performance.now();
let saidAt = 0;

const line = (sample: Sample) =>
  Object.entries(sample)
    .map(([name, value]) => `${name} ${name.endsWith("Bytes") ? Math.round(Number(value) / 2 ** 20) : value}`)
    .join(", ");

try {
  const { samples, trends } = await soak(
    async (number) => {
      await trainAndReport(folder);
      await serveRequests(30);
      // A device takes a second to compile for, so it is opened less often.
      if (hasAdapter && number % 4 === 0) await trainOnDevice(count);
    },
    () => count.alive,
    minutes * 60_000,
    10,
    (number, sample) => {
      const now = performance.now();
      if (number > 0 && now - saidAt < 60_000) return;
      saidAt = now;
      console.log(`${((now - startedAt) / 60_000).toFixed(1)} min, round ${number + 1}: ${line(sample)}`);
    },
  );
  const lines = describeTrends(trends);
  if (hasAdapter) console.log(`adapter ${environment.source}: ${count.created} device buffers created`);
  else console.log("no adapter: devices were not tested");
  console.log(
    `${samples.length} rounds in ${((performance.now() - startedAt) / 60_000).toFixed(1)} min, Node ${process.version}`,
  );
  for (const each of lines) console.log(each);
  const failed = lines.filter((each) => each.startsWith("FAILED")).length;
  console.log(`${lines.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
} catch (error) {
  console.error(`FAILED ${(error as Error).stack}`);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
