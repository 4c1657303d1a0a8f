import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cases } from "./crash/cases.mjs";
import { damageJobs, faultJobs, killJobs, randomKillJobs } from "./crash/jobs.mjs";
import { runInLanes } from "./crash/lanes.mjs";
import { spread } from "./crash/random.mjs";
import { record, stopAfterLevel } from "./crash/trials.mjs";
import { testWriters } from "./test_writers.mjs";

/**
 * `npm run test:crash`: runs of tiny networks are killed and their disk is made to fail, at every file operation and at
 * random moments; each must then come to the bytes of a run that nothing happened to. The last line is `N passed, N
 * failed`.
 */
const usage = `npm run test:crash -- [--short] [--seed <integer>] [--only <part,part>] [--share <k/n>] [--kills <count>]
  [--damages <count>] [--starts <count>] [--lanes <count>]
parts: kills, faults, damage, random, writers; those of operations also for one case as kills:plain; cases: plain, kept, resumed, of kills also rewound, tuned`;
const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    share: { type: "string", default: "1/1" },
    kills: { type: "string", default: "1000" },
    damages: { type: "string", default: "1000" },
    starts: { type: "string", default: "100" },
    lanes: { type: "string", default: String(availableParallelism()) },
    help: { type: "boolean", default: false },
  },
});
if (options.help) {
  console.log(usage);
  process.exit();
}

const [, shareNumber, shares] = /^(\d+)\/(\d+)$/.exec(options.share)?.map(Number) ?? [];
if (!(shareNumber >= 1 && shareNumber <= shares)) {
  console.error(
    `test:crash: --share ${options.share} is not k/n with k from 1 to n: give such as 1/4, the first of four\n${usage}`,
  );
  process.exit(2);
}

/** The trials of the short form, of each part. */
const shortCounts = { kills: 12, faults: 60, random: 2, damage: 30 };

const folder = mkdtempSync(join(tmpdir(), "split-ticket-crash-"));
const started = performance.now();
const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
try {
  const own = join(folder, "first");
  mkdirSync(own);
  process.chdir(own);
  const [references, operations] = [{}, {}];
  for (const [name, { stopAfter }] of Object.entries(cases)) {
    const whole = await record(own, name);
    references[name] = whole.reference;
    operations[name] = whole.operations;
    if (stopAfter === undefined) continue;
    const begun = await stopAfterLevel(own, name, whole.operations, stopAfter, join(folder, `begun-${name}`));
    // It must come to the files of the run that was not stopped.
    references[name] = { begun, files: whole.reference.files };
    operations[name] = (await record(own, name, begun)).operations;
  }
  const small = ["plain", "kept", "resumed"];
  const parts = Object.fromEntries([
    ...small.map((name) => [`kills:${name}`, killJobs(name, operations[name])]),
    ...["rewound", "tuned"].map((name) => [`kills:${name}`, killJobs(name, operations[name])]),
    // Most write points are those of the plain case.
    ...small.map((name) => [`faults:${name}`, faultJobs(name, operations[name], name !== "plain")]),
    ["damage:damaged", damageJobs("damaged", Number(options.damages), Number(options.seed))],
    ["random:four", randomKillJobs("four", Number(options.kills), Number(options.seed))],
  ]);
  const wanted = options.only?.split(",");
  const isWanted = (part) => !wanted || wanted.some((one) => part === one || part.startsWith(`${one}:`));
  const isPart = (one) => [...Object.keys(parts), "writers"].some((part) => part === one || part.startsWith(`${one}:`));
  const unknown = wanted?.find((one) => !isPart(one));
  if (unknown) throw new Error(`--only ${unknown}: no such part\n${usage}`);
  const totals = {
    passed: 0,
    failed: 0,
    kills: 0,
    points: 0,
    damages: 0,
    starts: 0,
    lost: 0,
    differing: 0,
    silent: 0,
    internal: 0,
  };
  for (const [part, all] of Object.entries(parts).filter(([part]) => isWanted(part))) {
    const shared = all.filter((_, number) => number % shares === shareNumber - 1);
    const jobs = options.short ? spread(shared, shortCounts[part.split(":")[0]]) : shared;
    const before = { ...totals };
    let missed = 0;
    await runInLanes(Number(options.lanes), folder, references, jobs, (job, { wrong, isHit, kills }) => {
      totals[wrong.length > 0 ? "failed" : "passed"]++;
      totals.kills += kills;
      if (job.method === "fail") totals.points++;
      if (job.method === "damage") totals.damages++;
      if (!isHit) missed++;
      for (const line of wrong) {
        const kind = ["lost", "silent", "internal"].find((one) => line.startsWith(one)) ?? "differing";
        totals[kind]++;
        console.log(`FAILED ${job.title}: ${line}`);
      }
    });
    const failed = totals.failed - before.failed;
    console.log(
      `${failed > 0 ? "FAILED" : "ok"} ${part}: ${jobs.length} trials, ${totals.kills - before.kills} kills, ${failed} failed${missed > 0 ? `, ${missed} ended before their operation` : ""}; ${seconds()} s so far`,
    );
  }
  if (isWanted("writers")) {
    const starts = options.short ? 2 : Number(options.starts);
    const program = fileURLToPath(new URL("../dist/cli.mjs", import.meta.url));
    const say = (line) => {
      const kind = /^.*: lost/.test(line) ? "lost" : /internal|^ {4}at /m.test(line) ? "internal" : "differing";
      totals[kind]++;
      console.log(`FAILED ${line}`);
    };
    const { writers, waited, faults } = await testWriters({ program, starts, seed: Number(options.seed), say });
    totals.starts = starts;
    totals.passed += Math.max(0, starts - faults);
    totals.failed += faults;
    const result = `${starts} starts of ${writers} writers, ${waited} waited for others, ${faults} failed`;
    console.log(`${faults > 0 ? "FAILED" : "ok"} writers: ${result}; ${seconds()} s so far`);
  }
  console.log(
    `\n${totals.kills} kills, ${totals.points} failed operations, ${totals.damages} damaged files, ${totals.starts} starts of several writers: ${totals.lost} lost, ${totals.differing} differing bytes, ${totals.silent} silent, ${totals.internal} internal errors`,
  );
  console.log(`Node ${process.version}, ${seconds()} s\n${totals.passed} passed, ${totals.failed} failed`);
  process.exitCode = totals.failed > 0 ? 1 : 0;
} catch (error) {
  console.error(`test:crash: ${error.message}`);
  console.log("0 passed, 1 failed");
  process.exitCode = 2;
} finally {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
}
// Threads of a command that hangs would keep the process.
process.exit();
