import { trialsIn } from "./trials.mjs";

/** A process that does trials, one at a time, as `tools/test_crash.mjs` sends them. */
process.once("message", ({ folder, references }) => {
  process.chdir(folder);
  const trials = trialsIn(folder, references);
  process.on("message", async (job) => {
    const started = performance.now();
    const result = await trials[job.method](job).catch((error) => ({
      wrong: [`internal: the trial failed: ${error.stack}`],
      isHit: true,
      kills: 0,
    }));
    process.send({ ...result, seconds: (performance.now() - started) / 1000 });
  });
  process.send({ isReady: true });
});
process.on("disconnect", () => process.exit());
