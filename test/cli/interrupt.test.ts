import { setTimeout as after } from "node:timers/promises";
import { expect, it } from "vitest";
import { Interrupted, untilInterrupted } from "../../src/cli/interrupt.ts";

const ends = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener("abort", resolve));

it("returns the result of the work, and leaves no listener behind", async () => {
  const before = process.listenerCount("SIGINT");
  expect(
    await untilInterrupted(
      () => "stopped",
      async () => 7,
    ),
  ).toBe(7);
  await expect(
    untilInterrupted(
      () => "stopped",
      () => Promise.reject(new Error("work")),
    ),
  ).rejects.toThrow("work");
  expect(process.listenerCount("SIGINT")).toBe(before);
});

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "lets a write under way end after %s, which counts once though it comes twice",
  async (signal) => {
    let isWritten = false;
    const work = untilInterrupted(
      () => "stopped",
      async (abort) => {
        await ends(abort);
        await after(200);
        isWritten = true;
        abort.throwIfAborted();
      },
    );
    process.emit(signal);
    process.emit(signal);
    await expect(work).rejects.toThrow(new Interrupted("stopped"));
    expect(isWritten).toBe(true);
  },
);

it("does not wait for work that does not end", async () => {
  const startedAt = performance.now();
  const work = untilInterrupted(
    () => "stopped",
    () => new Promise(() => {}),
  );
  process.emit("SIGINT");
  await expect(work).rejects.toBeInstanceOf(Interrupted);
  expect(performance.now() - startedAt).toBeGreaterThan(900);
});

it("still counts an echo that comes when the work has ended, which would kill the process otherwise", async () => {
  const before = process.listenerCount("SIGINT");
  const work = untilInterrupted(
    () => "stopped",
    (abort) => ends(abort).then(() => abort.throwIfAborted()),
  );
  process.emit("SIGINT");
  await expect(work).rejects.toBeInstanceOf(Interrupted);
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
});
