import { describe, expect, it } from "vitest";
import { InputError, StorageError } from "../../../src/base/errors.ts";
import { RunHeld } from "../../../src/store/lock/run_held.ts";
import type { RunLock } from "../../../src/store/lock/run_locks.ts";
import { type SimulatedProcess, SimulatedWorld, staleSteps } from "./machines.ts";

/** Numbers from 0 to below 1 (a linear congruential generator, as in glibc). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) / 2 ** 23;
  };
}

/** A lock that a process got: when, and when its writes took the place of files. */
interface Tenure {
  readonly beganAt: number;
  readonly writtenAt: number[];
}

/** What all processes did. */
interface History {
  readonly tenures: Tenure[];
  /** Processes that were deposed. */
  deposed: SimulatedProcess[];
  temporaries: number;
}

/** Writes that came when another process had read the run on which it built what it wrote later. */
function tornWrites({ tenures }: History): number {
  const isTorn = (one: Tenure, writtenAt: number) =>
    tenures.some((other) => other !== one && other.beganAt < writtenAt && writtenAt < (other.writtenAt.at(-1) ?? 0));
  return tenures.reduce((sum, one) => sum + one.writtenAt.filter((at) => isTorn(one, at)).length, 0);
}

/** Locks the run, writes some files as the store does, and releases it, a few times. */
async function write(process: SimulatedProcess, history: History): Promise<void> {
  const { world, locks } = process;
  const { files } = world;
  for (let round = 0; round < 3; ) {
    let lock: RunLock;
    try {
      lock = await locks.lock("run");
    } catch (error) {
      if (!(error instanceof RunHeld)) throw error;
      await world.turn(process);
      continue;
    }
    const tenure: Tenure = { beganAt: world.steps, writtenAt: [] };
    history.tenures.push(tenure);
    try {
      for (let k = 0; k < 3; k++) {
        const temporary = `run/.${String(++history.temporaries).padStart(8, "0")}.tmp`;
        await world.turn(process);
        files.set(temporary, "");
        try {
          await lock.assertHeld();
          await world.turn(process);
          if (!files.has(temporary)) {
            await lock.assertHeld();
            throw new Error("the temporary file of a holder was removed");
          }
          tenure.writtenAt.push(world.steps);
        } finally {
          files.delete(temporary);
        }
      }
      round++;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      history.deposed.push(process);
      round++;
    }
    await lock.release();
  }
}

/** Runs writers of several machines in a random order, in which some are stopped, continued or killed. */
async function simulate(seed: number, hosts: readonly string[], disturb: (world: SimulatedWorld) => void) {
  const world = new SimulatedWorld(randomNumbers(seed));
  const history: History = { tenures: [], deposed: [], temporaries: 0 };
  const ended = new Set<SimulatedProcess>();
  const failures: unknown[] = [];
  for (const host of hosts) {
    const process = world.add(host);
    write(process, history)
      .catch((error) => failures.push(error))
      .finally(() => ended.add(process));
  }
  const isAtWork = () => world.processes.some((process) => process.state !== "gone" && !ended.has(process));
  for (let beating = new Set<SimulatedProcess>(); isAtWork(); ) {
    if (world.steps > 50_000) throw new Error(`seed ${seed}: nothing ends`);
    disturb(world);
    for (const process of world.processes) {
      if (process.state !== "running" || !process.beat || beating.has(process) || world.random() > 0.1) continue;
      beating.add(process);
      process.beat().finally(() => beating.delete(process));
    }
    if (!(await world.step()))
      for (const process of world.processes) if (process.state === "stopped") process.state = "running";
  }
  expect(failures).toEqual([]);
  return { world, history };
}

const seeds = Array.from({ length: 100 }, (_, seed) => seed + 1);

describe("writers of one machine, in a random order of their accesses", () => {
  it("write one after the other; nobody is deposed and no file is left", async () => {
    for (const seed of seeds) {
      const { world, history } = await simulate(seed, ["a", "a", "a"], () => {});
      expect([seed, tornWrites(history), history.deposed.length]).toEqual([seed, 0, 0]);
      expect(history.tenures.map(({ writtenAt }) => writtenAt.length)).toEqual(Array(9).fill(3));
      expect([...world.files.keys()]).toEqual([]);
    }
  });

  it("take over from killed ones, whose files are removed", async () => {
    let killed = 0;
    for (const seed of seeds) {
      const { world, history } = await simulate(seed, ["a", "a", "a", "a"], (world) => {
        if (world.random() > 0.01 || world.processes.filter(({ state }) => state === "gone").length > 1) return;
        world.processes[Math.floor(world.random() * 4)].state = "gone";
      });
      const gone = world.processes.filter(({ state }) => state === "gone").length;
      killed += gone;
      expect([seed, tornWrites(history), history.deposed.length]).toEqual([seed, 0, 0]);
      // What a process left that was killed last of all goes with the next writer.
      const next = write(world.add("a"), history);
      let done = false;
      next.finally(() => {
        done = true;
      });
      while (!done) await world.step();
      expect([seed, ...world.files.keys()]).toEqual([seed]);
    }
    expect(killed).toBeGreaterThan(60);
  });
});

describe("writers of several machines, some of which are stopped and go on", () => {
  it("never write after another has begun, and end with an error that names the other", async () => {
    let deposed = 0;
    for (const seed of seeds) {
      const { history } = await simulate(seed, ["a", "a", "b", "c"], (world) => {
        const process = world.processes[Math.floor(world.random() * 4)];
        const { state } = process;
        if (state === "running" && world.random() < 0.02) process.state = "stopped";
        else if (state === "stopped" && world.random() < 0.02) process.state = "running";
      });
      expect([seed, tornWrites(history)]).toEqual([seed, 0]);
      deposed += history.deposed.length;
    }
    expect(deposed).toBeGreaterThan(20);
  });
});

/** Lets everything happen until a promise has settled. */
async function settled<T>(world: SimulatedWorld, promise: Promise<T>): Promise<T> {
  let isDone = false;
  const done = promise.finally(() => {
    isDone = true;
  });
  done.catch(() => {});
  for (let steps = 0; !isDone; steps++) {
    if (steps > 5000) throw new Error("nothing ends");
    await world.step();
  }
  return done;
}

describe("a process that found a stale lock and is late by more than a run", () => {
  /** A stale lock, a process that has just found it so and is stopped, and two others. */
  async function late() {
    const world = new SimulatedWorld(() => 0);
    const [one, late, other, third] = ["a", "a", "a", "a"].map((host) => world.add(host));
    await settled(world, one.locks.lock("run"));
    one.state = "gone";
    const locking = late.locks.lock("run");
    locking.catch(() => {});
    // It lists the folder and reads the lock.
    for (let k = 0; k < 2; k++) await world.step();
    late.state = "stopped";
    return { world, late, locking, other, third };
  }

  it("steps back where the run was taken over and released, and leaves the lock of another alone", async () => {
    const { world, late: process, locking, other, third } = await late();
    await settled(world, (await settled(world, other.locks.lock("run"))).release());
    const lock = await settled(world, third.locks.lock("run"));
    process.state = "running";
    await expect(settled(world, locking)).rejects.toThrow("run: is written by pid 4 on a");
    await settled(world, lock.assertHeld());
    expect([...world.files.keys()]).toEqual(["run/lock.json"]);
  });

  it("steps back where the run was taken over twice", async () => {
    const { world, late: process, locking, other, third } = await late();
    await settled(world, other.locks.lock("run"));
    other.state = "gone";
    const lock = await settled(world, third.locks.lock("run"));
    process.state = "running";
    await expect(settled(world, locking)).rejects.toThrow("run: is written by pid 4 on a");
    await settled(world, lock.assertHeld());
    expect([...world.files.keys()]).toEqual(["run/lock-3.json"]);
  });
});

describe("a lock", () => {
  const world = () => new SimulatedWorld(() => 0);

  it("of a process on another machine is stale when its counter stands still for a time that we measure", async () => {
    const both = world();
    const [one, other] = [both.add("a"), both.add("b")];
    const lock = await settled(both, one.locks.lock("run"));
    const held = await settled(both, other.locks.heldBy("run"));
    expect(held?.message).toBe("run: is written by pid 1 on a");
    for (let k = 0; k < 3; k++) {
      both.steps += staleSteps;
      await settled(both, one.beat!());
      expect(await settled(both, other.locks.heldBy("run"))).toBeInstanceOf(RunHeld);
    }
    both.steps += staleSteps;
    expect(await settled(both, other.locks.heldBy("run"))).toBeUndefined();

    await settled(both, other.locks.lock("run"));
    expect([...both.files.keys()]).toEqual(["run/lock-2.json"]);
    await expect(settled(both, lock.assertHeld())).rejects.toThrow(
      new StorageError(
        "run: pid 2 on b has taken this run over, since this process was stopped or out of reach; the run goes on there",
      ),
    );
    await settled(both, lock.release());
    expect([...both.files.keys()]).toEqual(["run/lock-2.json"]);
  });

  it("that is gone is forgotten: one of the same content is watched anew", async () => {
    const both = world();
    const [one, other] = [both.add("a"), both.add("b")];
    await settled(both, one.locks.lock("run"));
    const [[path, content]] = [...both.files];
    expect(await settled(both, other.locks.heldBy("run"))).toBeInstanceOf(RunHeld);
    both.files.delete(path);
    expect(await settled(both, other.locks.heldBy("run"))).toBeUndefined();
    both.steps += staleSteps;
    both.files.set(path, content);
    expect(await settled(both, other.locks.heldBy("run"))).toBeInstanceOf(RunHeld);
  });

  it("that is lost is told once, at the next count", async () => {
    const both = world();
    const [one, other] = [both.add("a"), both.add("b")];
    const lost: StorageError[] = [];
    await settled(
      both,
      one.locks.lock("run", (error) => lost.push(error)),
    );
    await settled(both, other.locks.heldBy("run"));
    both.steps += staleSteps;
    await settled(both, other.locks.lock("run"));
    const beat = one.beat!;
    await settled(both, beat());
    await settled(both, beat());
    expect(lost.map(({ message }) => message)).toEqual([expect.stringContaining("pid 2 on b has taken this run over")]);
  });

  it("whose file somebody removed is lost too, though nobody holds it", async () => {
    const alone = world();
    const lock = await settled(alone, alone.add("a").locks.lock("run"));
    alone.files.clear();
    await expect(settled(alone, lock.assertHeld())).rejects.toThrow(
      /^run: its lock file is gone, so another process may have written/,
    );
  });

  it.each([
    ["no JSON", "{"],
    ["an empty file", ""],
    ["fields of other types", '{"host":1,"pid":"x","token":null}'],
    ["a number that no process has", '{"host":"a","pid":1e300,"token":"t","heartbeat":"0"}'],
    ["deep nesting", "[".repeat(4000)],
  ])("file with %s goes stale by time", async (_, text) => {
    const alone = world();
    alone.files.set("run/lock.json", text);
    const { locks } = alone.add("a");
    await expect(settled(alone, locks.lock("run"))).rejects.toThrow("run: is written by an unreadable lock file");
    alone.steps += staleSteps;
    await settled(alone, locks.lock("run"));
    expect([...alone.files.keys()]).toEqual(["run/lock-2.json"]);
  });

  it("of the last generation there can be is refused", async () => {
    const alone = world();
    alone.files.set("run/lock-999999999.json", "");
    const { locks } = alone.add("a");
    await expect(settled(alone, locks.lock("run"))).rejects.toBeInstanceOf(RunHeld);
    alone.steps += staleSteps;
    await expect(settled(alone, locks.lock("run"))).rejects.toThrow(
      new InputError("run/lock-999999999.json: is no lock of split-ticket; remove it"),
    );
  });
});
