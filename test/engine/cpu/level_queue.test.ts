import { expect, it } from "vitest";
import { LevelQueue } from "../../../src/engine/cpu/level_queue.ts";
import type { LevelJob, LevelResult, LevelWorker } from "../../../src/engine/cpu/level_worker.ts";

/** A worker whose levels end when they are told to. */
class HeldWorker implements LevelWorker {
  readonly begun: { level: number; end: () => void; fail: (error: Error) => void }[] = [];
  isClosed = false;

  train(job: LevelJob): Promise<LevelResult> {
    return new Promise((resolve, fail) => {
      this.begun.push({ level: job.level, end: () => resolve({} as LevelResult), fail });
    });
  }

  async values(): Promise<Float32Array<ArrayBuffer>> {
    return Float32Array.of(this.begun.length);
  }

  close(): void {
    this.isClosed = true;
  }
}

const job = (level: number) => ({ level }) as LevelJob;
const turnOfLoop = () => new Promise((resolve) => setTimeout(resolve, 0));

it("gives a free worker at once, and then the level of the network that has most ahead, or came first", async () => {
  const worker = new HeldWorker();
  const queue = new LevelQueue([worker]);
  const ahead = [3, 1, 7, 5, 7];
  const levels = ahead.map((cost, k) => queue.train(cost, job(k)));
  for (let k = 0; k < levels.length; k++) {
    await turnOfLoop();
    expect(worker.begun).toHaveLength(k + 1);
    worker.begun[k].end();
  }
  await Promise.all(levels);
  expect(worker.begun.map(({ level }) => level)).toEqual([0, 2, 4, 3, 1]);
});

it("hands a worker on after a level that failed, and closes all workers", async () => {
  const workers = [new HeldWorker(), new HeldWorker()];
  const queue = new LevelQueue(workers);
  const failing = queue.train(0, job(1));
  const second = queue.train(1, job(2));
  const waiting = queue.train(2, job(3));
  await turnOfLoop();
  workers[0].begun[0].fail(new Error("thread"));
  await expect(failing).rejects.toThrow("thread");
  await turnOfLoop();
  expect(workers[0].begun[1].level).toBe(3);
  for (const { begun } of workers) begun.at(-1)?.end();
  await Promise.all([second, waiting]);
  queue.close();
  expect(workers.map(({ isClosed }) => isClosed)).toEqual([true, true]);
});
