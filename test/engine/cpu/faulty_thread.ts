import type { WorkerOptions } from "node:worker_threads";
import { nodeThreads } from "../../../src/base/threads/node.ts";
import script from "../../../src/engine/cpu/thread/node.ts?script";
import type { StartThread } from "../../../src/engine/cpu/thread.ts";
import { startNodeThread } from "../../../src/engine/cpu/worker/node.ts";

/** Starts real threads whose script runs JavaScript before all else. */
export function doctored(before: string, options: WorkerOptions = {}): StartThread {
  return nodeThreads(`${before};${script}`, options);
}

/** Starts real threads that run JavaScript (`fault`, where `order` is at hand) before they handle an order of a kind. */
export function faulty(fault: string, kind = "train", options: WorkerOptions = {}): StartThread {
  const listener = `(order) => { if (order.kind === "${kind}") { ${fault} } }`;
  return doctored(`require("node:worker_threads").parentPort.on("message", ${listener})`, options);
}

/** The first `count` threads are faulty, later ones are healthy. */
export function firstFaulty(count: number, fault: StartThread): { start: StartThread; started: () => number } {
  let started = 0;
  return { start: (events) => (started++ < count ? fault : startNodeThread)(events), started: () => started };
}
