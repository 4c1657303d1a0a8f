import { afterAll, describe, expect, it } from "vitest";
import { RunError } from "../../../src/base/errors.ts";
import { type CpuEngine, openCpuEngine } from "../../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../../src/engine/cpu/plan.ts";
import { defaultWatch, type StartThread, type Watch } from "../../../src/engine/cpu/thread.ts";
import { startNodeThread } from "../../../src/engine/cpu/worker/node.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { batch, dataset, jobOf, shape } from "../small_networks.ts";
import { doctored, faulty, firstFaulty } from "./faulty_thread.ts";

const wide = [4, 90, 90, 2];
const training = {
  networks: [
    { shape, batch },
    { shape: wide, batch },
  ],
  dataset,
};
const opened: CpuEngine[] = [];
afterAll(() => {
  for (const engine of opened) engine.close();
});

function open(start: StartThread, slots = 1, watch?: Watch): CpuEngine {
  const limits = { networks: slots, cores: slots, memoryBytes: 2 ** 30 };
  const engine = openCpuEngine(planCpuEngine(training, limits, "a test"), start, watch);
  opened.push(engine);
  return engine;
}

async function trained(engine: CpuEngine, seed: number): Promise<{ values: Float32Array; causes: string[] }> {
  const causes: string[] = [];
  const level = await engine.train(jobOf(seed), { restarted: (cause) => causes.push(cause) });
  return { values: (await level.weights()).values, causes };
}

/** Longer than a thread takes to start on a busy machine. */
const impatient: Watch = { lookMs: 50, mostSilent: 40 };
/** A memory that cannot grow beyond some pages of 64 KiB, as where the system has no more. */
const smallMemory = (pages: number) =>
  `WebAssembly.Memory = class extends WebAssembly.Memory { constructor() { super({ initial: ${pages}, maximum: ${pages} }); } };`;

const faults: [string, StartThread, RegExp, Watch?][] = [
  ["throws", faulty(`throw new Error("a fault of this test")`), /^CPU thread 0 failed: a fault of this test$/],
  ["throws what is no error", faulty(`throw "a text"`), /^CPU thread 0 failed: a text$/],
  ["exits", faulty("process.exit(3)"), /^CPU thread 0 ended with exit code 3$/],
  [
    "exceeds its heap",
    faulty("const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length + 0.5));", "train", {
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    }),
    /^CPU thread 0 failed: Worker terminated due to reaching memory limit/,
  ],
  ["loops for ever", faulty("for (;;);"), /^CPU thread 0 gave no sign for 2 s while it trained$/, impatient],
  [
    "waits for ever",
    faulty("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"),
    /^CPU thread 0 gave no sign/,
    impatient,
  ],
];

describe("a thread of the CPU that fails", () => {
  it.each(faults)(
    "and %s is replaced, and its level trained again to the same bytes",
    async (_, fault, cause, watch) => {
      const healthy = await trained(open(startNodeThread), 5);
      const { start, started } = firstFaulty(1, fault);
      const { values, causes } = await trained(open(start, 1, watch), 5);
      expect(causes).toEqual([expect.stringMatching(cause)]);
      expect(values).toEqual(healthy.values);
      expect(started()).toBe(2);
    },
  );

  it("twice fails its run alone, by name, and the next level has a fresh thread", async () => {
    const { start } = firstFaulty(2, faulty("process.exit(7)"));
    const engine = open(start);
    const failed = trained(engine, 5);
    const next = trained(engine, 6);
    await expect(failed).rejects.toBeInstanceOf(RunError);
    await expect(failed).rejects.toThrow(
      "seed 5, level 0: CPU thread 0 ended with exit code 7; on a fresh thread: the same again; its finished levels are kept, and the same command trains the others",
    );
    expect((await next).values).toEqual((await trained(open(startNodeThread), 6)).values);
  });

  it("does not stop the levels of other threads", async () => {
    const { start } = firstFaulty(1, faulty("for (;;);"));
    const engine = open(start, 3, impatient);
    const all = await Promise.all([1, 2, 3, 4, 5].map((seed) => trained(engine, seed)));
    const alone = open(startNodeThread);
    for (const [k, { values }] of all.entries()) expect(values).toEqual((await trained(alone, k + 1)).values);
    expect(all.flatMap(({ causes }) => causes)).toHaveLength(1);
  });

  it("to start leaves its levels to the others, and the last one is tried twice", async () => {
    const noThread: StartThread = () => {
      throw new Error("the system has no further thread");
    };
    const noMemory = doctored(smallMemory(0));
    for (const [fault, cause] of [
      [noThread, /^CPU thread [01] cannot be started: the system has no further thread$/],
      [noMemory, /^CPU thread [01] failed: WebAssembly\.Memory\.grow/],
      [faulty("process.exit(1)", "open"), /^CPU thread [01] ended with exit code 1$/],
    ] as const) {
      const engine = open(firstFaulty(2, fault).start, 3);
      const all = await Promise.all([1, 2, 3].map((seed) => trained(engine, seed)));
      const causes = all.flatMap((level) => level.causes);
      expect(causes).toHaveLength(2);
      for (const said of causes) expect(said).toMatch(cause);
    }
    const none = open(noThread, 2);
    await expect(trained(none, 1)).rejects.toThrow(
      /^seed 1, level 0: CPU thread [01] cannot be started: the system has no further thread; on a fresh thread: the same again/,
    );
  });

  it("of memory that cannot grow is named", async () => {
    // Enough for the dataset and the small network, too little for the wide one.
    const engine = open(doctored(smallMemory(1)));
    expect((await trained(engine, 1)).causes).toEqual([]);
    await expect(engine.train(jobOf(1, { start: initialParameters(wide, 1) }))).rejects.toThrow(
      /^seed 1, level 0: CPU thread 0 failed: WebAssembly\.Memory\.grow/,
    );
  });

  it("is never one that trains, however long a level takes, nor one whose owner was busy", async () => {
    // Progress comes every 0.1 s.
    const watch = { lookMs: 50, mostSilent: 15 };
    const engine = open(startNodeThread, 1, watch);
    const long = jobOf(1, { settings: { ...jobOf(1).settings, maxEpochs: 4000, patience: 4000 } });
    const causes: string[] = [];
    const level = engine.train(long, { restarted: (cause) => causes.push(cause) });
    // The event loop makes no looks for longer than the bound.
    const until = performance.now() + 1000;
    while (performance.now() < until);
    await level;
    expect(causes).toEqual([]);
  });

  it("is waited for a minute, and longer where 16 batches take longer on a slow machine", () => {
    expect(defaultWatch(training)).toEqual({ lookMs: 1000, mostSilent: 61 });
    // 3 x 10^8 weights x 64 samples x 16 batches at 10^8 a second.
    const wide = { networks: [{ shape: [10_000, 10_000, 10_000, 10_000], batch: 64 }], dataset };
    expect(defaultWatch(wide).mostSilent).toBe(60 + 3 * 3 * 64 * 16);
  });
});
