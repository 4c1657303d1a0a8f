import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { StartThread } from "../src/engine/cpu/thread.ts";
import { nodePlatform } from "../src/run/node.ts";
import { runExperiments } from "../src/run/run.ts";

/**
 * Extensions 0 to 6 of Moons-Circles with four seeds each; short levels, so that the share of files and analysis is
 * large.
 */
const grid = { extension: [0, 1, 2, 3, 4, 5, 6], seeds: [0, 1, 2, 3], maxEpochs: 60 };

/** Wraps a platform's threads to sum the time between the start of each level and its result. */
function watched(start: StartThread): { start: StartThread; busyMs: () => number; threads: () => number } {
  let [busyMs, threads] = [0, 0];
  return {
    start: (events) => {
      threads++;
      let begunAt = 0;
      const thread = start({
        ...events,
        answer: (answer) => {
          if (answer.kind === "done") busyMs += performance.now() - begunAt;
          events.answer(answer);
        },
      });
      const post: typeof thread.post = (order) => {
        if (order.kind === "train") begunAt = performance.now();
        thread.post(order);
      };
      return { ...thread, post };
    },
    busyMs: () => busyMs,
    threads: () => threads,
  };
}

/**
 * A grid of 28 runs as one population, without and with files: network-epochs per second, the share of the time in
 * which the threads of the CPU engine train, and the delay of the host's event loop. An adapter has 50 ms of work
 * queued, so it is idle only if the delay is longer.
 */
export async function benchPopulation(device: "cpu" | "software"): Promise<string[]> {
  const lines: string[] = [];
  for (const files of ["no files", "files", "no files", "files"] as const) {
    const folder = await mkdtemp(join(tmpdir(), "split-ticket-bench-"));
    try {
      const platform = nodePlatform();
      const threads = watched(platform.startThread);
      const delay = monitorEventLoopDelay({ resolution: 1 });
      let startedAt = 0;
      const { experiments, executor } = await runExperiments(
        { ...platform, startThread: threads.start },
        "moons-circles",
        {
          device,
          set: grid,
          out: files === "files" ? folder : null,
          onStart: () => {
            startedAt = performance.now();
            delay.enable();
          },
        },
      );
      const elapsedMs = performance.now() - startedAt;
      delay.disable();
      const levels = experiments.flatMap(({ runs }) => runs.flatMap((one) => one.levels));
      const epochs = levels.reduce((sum, level) => sum + level.epochs, 0);
      const busy =
        device === "cpu"
          ? `, threads busy ${((100 * threads.busyMs()) / (elapsedMs * threads.threads())).toFixed(0)} %`
          : "";
      lines.push(
        `population on ${executor}, ${files}: ${levels.length} levels, ${epochs} network-epochs in ${(elapsedMs / 1000).toFixed(1)} s, ${((epochs / elapsedMs) * 1000).toFixed(0)} network-epochs/s${busy}, event loop delayed by at most ${(delay.max / 1e6).toFixed(0)} ms (99 %: ${(delay.percentile(99) / 1e6).toFixed(0)} ms)`,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return lines;
}
