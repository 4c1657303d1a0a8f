import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { adapterEnvironment, runWithEnvironment } from "../../src/device/environment/node.ts";
import { openNodeDevice } from "../../src/device/node.ts";
import { adapterEngines } from "./device_trials.ts";
import { serveTrials, type Trial } from "./lane.ts";
import { type LossKind, LossTable } from "./loss_table.ts";
import { phases } from "./phases.ts";
import type { TrialResult } from "./runs.ts";
import { threadFaults, threadPhases } from "./thread_trials.ts";

/**
 * `npm run test:devices`: runs lose their device by a real `destroy()`, or a thread of the CPU engine, until 100 losses
 * (`--losses`) were outlived: as many on each engine, and on each as many in each phase. Every run must end with the bytes of
 * a run without a loss. `--minutes` bounds the time, `--only` chooses engines. The last line is `N passed, N failed`.
 */
const { values } = parseArgs({
  options: {
    losses: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    minutes: { type: "string", default: "60" },
    lane: { type: "string" },
  },
});
const environment = await adapterEnvironment("auto");
const exitCode = await runWithEnvironment(environment);
if (exitCode !== undefined) process.exit(exitCode);

/** Kinds of one lane each: those whose kernels compile longest apart. */
const laneKinds: readonly (readonly string[])[] = [
  ["dense", "auto", "cpu: throws"],
  ["tiled", "resident", "sparse", "cpu: exits", "cpu: no memory"],
];
if (values.lane !== undefined) {
  const device = await openNodeDevice();
  const { kind } = device;
  device.destroy();
  serveTrials(kind, Number(values.seed) + Number(values.lane));
} else process.exit(await testLosses());

async function testLosses(): Promise<number> {
  const only = values.only?.split(",");
  // As many devices as may be lost in a row with nothing gained; a level that loses two threads is given up.
  const kinds: LossKind[] = [
    ...adapterEngines.map((name) => ({ name, phases, atOnce: 3 })),
    ...threadFaults.map((name) => ({ name, phases: threadPhases, atOnce: 2 })),
  ].filter(({ name }) => only?.includes(name.split(":")[0]) ?? true);
  const table = new LossTable(kinds);
  const until = performance.now() + Number(values.minutes) * 60_000;
  let [passed, failed] = [0, 0];
  const runLane = async (own: readonly LossKind[], lane: number) => {
    if (own.length === 0) return;
    const child = fork(process.argv[1], ["--lane", String(lane), "--seed", values.seed]);
    const ended = once(child, "exit").then(([code]) => ({ losses: [], problem: `the process ended with ${code}` }));
    while (table.total < Number(values.losses) && performance.now() < until && child.connected) {
      const kind = table.next(own);
      const startedAt = performance.now();
      child.send({ kind: kind.name, phases: table.plan(kind) } satisfies Trial);
      const answer = once(child, "message").then(([result]) => result as TrialResult);
      const { losses, problem }: TrialResult = await Promise.race([answer, ended]);
      for (const phase of losses) table.count(kind.name, phase);
      if (problem === undefined) passed++;
      else failed++;
      const verdict = `${problem === undefined ? "passed" : "FAILED"} ${kind.name}: ${losses.join(", ") || "no loss"}`;
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${verdict} (${table.total} in all, ${seconds} s)${problem === undefined ? "" : `: ${problem}`}`);
    }
    if (child.connected) child.disconnect();
    await ended;
  };
  const startedAt = performance.now();
  await Promise.all(
    laneKinds.map((names, lane) =>
      runLane(
        kinds.filter(({ name }) => names.includes(name)),
        lane,
      ),
    ),
  );
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  console.log(`\n${table}\n\n${table.total} losses in ${minutes} minutes on ${environment.source}`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}
