import { fork } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Resolves to the next message of a child; rejects when the child ends. */
function answerOf(child) {
  return new Promise((settle, fail) => {
    const onExit = (code, signal) => fail(new Error(`a lane ended (${signal ?? code})`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      settle(message);
    });
  });
}

/**
 * Does jobs in several processes at once.
 * @param folder in which each lane has a folder of its own
 * @param done called with a job and its result
 */
export async function runInLanes(count, folder, references, jobs, done) {
  const queue = [...jobs];
  const lane = async (number) => {
    const own = join(folder, `lane-${number}`);
    mkdirSync(own, { recursive: true });
    const begin = async () => {
      const child = fork(fileURLToPath(new URL("lane.mjs", import.meta.url)), { execArgv: [] });
      const ready = answerOf(child);
      child.send({ folder: own, references });
      await ready;
      return child;
    };
    let child = await begin();
    for (let job = queue.shift(); job; job = queue.shift()) {
      const answer = answerOf(child);
      child.send(job);
      const result = await answer.catch((error) => ({ wrong: [`internal: ${error.message}`], isHit: true, kills: 0 }));
      done(job, result);
      if (!child.connected) child = await begin();
    }
    child.disconnect();
  };
  await Promise.all(Array.from({ length: count }, (_, number) => lane(number)));
}
