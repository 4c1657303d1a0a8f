import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/command_line.ts";
import { packageRoot } from "../../src/device/environment/node.ts";
import { commandProcesses } from "../cli/command.ts";

const tool = (name: string) => import(join(packageRoot(), "tools", "crash", name));
const { arm, disarm, isWriting } = await tool("faults.mjs");
const { UnsyncedChanges } = await tool("unsynced_changes.mjs");
const { disturb } = await tool("command.mjs");
const { cases } = await tool("cases.mjs");
const { damageJobs, faultJobs, killJobs, randomKillJobs } = await tool("jobs.mjs");
const { spread } = await tool("random.mjs");
const { record, stopAfterLevel, trialsIn } = await tool("trials.mjs");
const { differences, runFiles } = await tool("run_files.mjs");
const { wrongContinuation, wrongEnd } = await tool("verdict.mjs");

const cli = commandProcesses();
const below = (name: string) => {
  const folder = join(cli.folder(), name);
  mkdirSync(folder, { recursive: true });
  return folder;
};

describe("the file layer", () => {
  /** Writes a file twice under a plan, the second time in the way that the plan disturbs. */
  async function writtenUnder(name: string, fault: object, isLasting = false) {
    const root = below(name);
    arm({ root, at: { place: "", index: 1 }, fault, isLasting });
    const ends: unknown[] = [];
    for (const content of ["first", "second", "third"]) {
      await writeFile(join(root, "file"), content).then(
        () => ends.push(content),
        (error) => ends.push(error.code),
      );
    }
    const { operations, isHit } = disarm();
    return { ends, content: await readFile(join(root, "file"), "utf8"), operations: operations.length, isHit };
  }

  it("fails one operation, or all from one on, and does nothing else", async () => {
    const once = await writtenUnder("once", { kind: "error", code: "ENOSPC" });
    expect(once).toEqual({ ends: ["first", "ENOSPC", "third"], content: "third", operations: 3, isHit: true });
    const lasting = await writtenUnder("lasting", { kind: "error", code: "EROFS" }, true);
    expect(lasting).toMatchObject({ ends: ["first", "EROFS", "EROFS"], content: "first" });
    const unnamed = await writtenUnder("unnamed", { kind: "error", code: "unknown-122" });
    expect(unnamed.ends[1]).toBe("Unknown system error -122");
  });

  it("writes half, or all with an error for an answer", async () => {
    const root = below("short");
    for (const [fault, left] of [
      [{ kind: "short", code: "EIO" }, "abc"],
      [{ kind: "short" }, "abc"],
      [{ kind: "late", code: "EIO" }, "abcdef"],
    ] as const) {
      arm({ root, at: { place: "", index: 1 }, fault });
      const handle = await open(join(root, "file"), "w");
      const end = await handle.writeFile("abcdef").catch((error) => error.code);
      disarm();
      await handle.close();
      expect([end, await readFile(join(root, "file"), "utf8")]).toEqual(["code" in fault ? "EIO" : undefined, left]);
    }
  });

  it("counts by run folder, and leaves what is not below its root", async () => {
    const root = below("counted");
    mkdirSync(join(root, "a-1", "seed-0"), { recursive: true });
    arm({ root });
    await writeFile(join(root, "a-1", "seed-0", "x"), "");
    await writeFile(join(root, "y"), "");
    await writeFile(join(below("elsewhere"), "z"), "");
    await rename(join(root, "y"), join(root, "a-1", "seed-0", "y"));
    const { operations } = disarm();
    expect(operations.map(({ place, index, kind }: Record<string, unknown>) => [place, index, kind])).toEqual([
      ["a-1/seed-0", 0, "write"],
      ["", 0, "write"],
      ["a-1/seed-0", 1, "rename"],
    ]);
  });

  it("takes back what no fsync has made durable, and nothing else", async () => {
    const fs = await import("node:fs");
    const root = below("unsynced");
    /** Writes a file by temporary name and rename, with an fsync where `synced` says so. */
    const write = (changes: InstanceType<typeof UnsyncedChanges>, name: string, text: string, synced: string[]) => {
      const [path, temporary] = [join(root, name), join(root, `${name}.tmp`)];
      const change = (what: object, act: () => void) => {
        const done = changes.begin(what);
        act();
        done();
      };
      change({ kind: "entry", path: temporary }, () => closeSync(openSync(temporary, "w")));
      change({ kind: "data", path: temporary }, () => writeFileSync(temporary, text));
      if (synced.includes("file")) change({ kind: "data synced", path: temporary }, () => {});
      change({ kind: "rename", from: temporary, path }, () => fs.renameSync(temporary, path));
      if (synced.includes("folder")) change({ kind: "folder synced", path: root }, () => {});
    };
    for (const [name, synced, left] of [
      ["both", ["file", "folder"], "new"],
      ["no-file", ["folder"], ""],
      ["no-folder", ["file"], "old"],
    ] as const) {
      writeFileSync(join(root, name), "old");
      const changes = new UnsyncedChanges(fs);
      write(changes, name, "new", [...synced]);
      changes.takeBack();
      expect(readFileSync(join(root, name), "utf8"), name).toBe(left);
    }
    expect(readdirSync(root).sort()).toEqual(["both", "no-file", "no-folder"]);
    const changes = new UnsyncedChanges(fs);
    const made = changes.begin({ kind: "folder", path: join(root, "made") });
    mkdirSync(join(root, "made"));
    made();
    changes.takeBack();
    expect(existsSync(join(root, "made"))).toBe(false);
  });
});

describe("the verdict", () => {
  const said = "seed 1, level 0/2: 72 weights left, 4 epochs, validation loss 0.7\n";
  it("names a silent end, an internal error, a wrong exit code and a command that hangs", () => {
    expect(wrongEnd({ code: 1, stderr: "split-ticket: cannot write a: no space (ENOSPC)\n" }, "ENOSPC")).toEqual([]);
    expect(wrongEnd({ code: 2, stderr: "split-ticket: cannot write a: no space\n" }, "ENOSPC")).toHaveLength(1);
    expect(wrongEnd({ code: 2, stderr: "split-ticket: cannot write a: a circle\n" }, "ELOOP")).toEqual([]);
    expect(wrongEnd({ code: 1, stderr: "" }, "EIO")[0]).toMatch(/^silent/);
    expect(wrongEnd({ code: 1, stderr: "split-ticket: internal: Error: x\n" }, "EIO")[0]).toMatch(/^internal/);
    expect(wrongEnd({ code: "hangs", stderr: "" })[0]).toMatch(/^internal/);
  });

  it("names a level that was finished and is trained again, and a command that does not go on", () => {
    expect(wrongContinuation([{ stderr: said }], { code: 0, stderr: "" })).toEqual([]);
    expect(wrongContinuation([{ stderr: said }], { code: 0, stderr: said })).toEqual([
      "lost: seed 1, level 0 trained again",
    ]);
    expect(wrongContinuation([], { code: 2, stderr: "split-ticket: no\n" })[0]).toMatch(/^lost/);
  });

  it("names files with other bytes, that are missing, and that are left behind", () => {
    const folder = below("compared");
    for (const name of ["a", "b"]) writeFileSync(join(folder, name), name);
    const before = runFiles(folder);
    writeFileSync(join(folder, "a"), "other");
    writeFileSync(join(folder, ".0123abcd.tmp"), "");
    expect(differences(before, runFiles(folder))).toEqual([".0123abcd.tmp is left behind", "a: other bytes"]);
    expect(differences(before, new Map())).toEqual(["a is missing", "b is missing"]);
  });
});

it("kills, faults and damage lose nothing, a few of each kind; npm run test:crash has all of them", async () => {
  disturb(join(cli.folder(), "cli.mjs"), runCommandLine);
  const own = below("trials");
  const before = process.cwd();
  process.chdir(own);
  try {
    const plain = await record(own, "plain");
    const whole = await record(own, "damaged");
    const kept = join(cli.folder(), "begun");
    const begun = await stopAfterLevel(own, "damaged", whole.operations, cases.damaged.stopAfter, kept);
    const damaged = { begun, files: whole.reference.files };
    const trials = trialsIn(own, { plain: plain.reference, damaged });
    const writes = plain.operations.filter(({ kind }: { kind: string }) => isWriting(kind));
    const jobs = [
      ...spread(faultJobs("plain", writes), 6),
      ...spread(killJobs("plain", plain.operations), 2),
      ...spread(damageJobs("damaged", 100, 1), 4),
      ...randomKillJobs("plain", 1, 1, 1),
    ];
    const found = [];
    for (const job of jobs) {
      const { wrong } = await trials[job.method](job);
      found.push(...wrong.map((line: string) => `${job.title}: ${line}`));
    }
    expect(found).toEqual([]);
  } finally {
    process.chdir(before);
  }
});
