import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { argumentsOf, layOut } from "./cases.mjs";
import { call, start } from "./command.mjs";
import { arm, disarm } from "./faults.mjs";
import { differences, runFiles } from "./run_files.mjs";
import { finishedLevels, wrongContinuation, wrongEnd } from "./verdict.mjs";

/**
 * Trials of a lane: each disturbs a command in the lane's folder, gives the command again without a fault, and returns
 * what was wrong, as `{ wrong: string[], isHit, kills }`. The lane's folder is the working folder of its process.
 * @param folder the lane's folder
 * @param references by case: `{ begun, files }`, the folder that it begins with and the files that it must come to
 */
export function trialsIn(folder, references) {
  const { pid: gone } = spawnSync(process.execPath, ["--version"]);
  const runs = join(folder, "runs");
  const lay = (name) => layOut(folder, name, references[name].begun);
  const differing = (name) => differences(new Map(references[name].files), runFiles(runs));

  /**
   * A command that was given in this process is over, but its process is not: a lock that its faults have left behind is
   * given to a process that is gone.
   */
  function endHolder() {
    if (!existsSync(runs)) return;
    for (const path of readdirSync(runs, { recursive: true }).filter((name) => /\/lock(-\d+)?\.json$/.test(name))) {
      const text = readFileSync(join(runs, path), "utf8");
      writeFileSync(join(runs, path), text.replace(`"pid":${process.pid},`, `"pid":${gone},`));
    }
  }

  /** The same command without a fault must come to the bytes of the run without faults. */
  async function continued(name, before) {
    const last = await call(argumentsOf(name));
    return [...wrongContinuation(before, last), ...differing(name)];
  }

  return {
    /** An operation fails once, or from then on. */
    async fail({ name, at, fault, isLasting }) {
      lay(name);
      arm({ root: runs, at, fault, isLasting });
      const first = await call(argumentsOf(name)).finally(disarm);
      endHolder();
      const wrong = wrongEnd(first, fault.code);
      // A lock whose removal failed goes stale with its process; the next command removes it.
      const silent = first.code === 0 ? differing(name).filter((line) => !/lock(-\d+)?\.json is left/.test(line)) : [];
      wrong.push(...silent.map((line) => `silent: exit 0, ${line}`));
      return { wrong: [...wrong, ...(await continued(name, [first]))], isHit: true, kills: 0 };
    },

    /** The process is killed at an operation, or loses what is not durable there. */
    async kill({ name, at, fault }) {
      lay(name);
      const first = await start(argumentsOf(name), { cwd: folder, faults: { root: runs, at, fault } }).ended;
      const isHit = first.signal === "SIGKILL";
      const wrong = isHit ? [] : wrongEnd(first);
      return { wrong: [...wrong, ...(await continued(name, [first]))], isHit, kills: Number(isHit) };
    },

    /** The processes of one run are killed at given times, one after the other; delays in ms. */
    async killAtRandom({ name, delays }) {
      lay(name);
      const before = [];
      const wrong = [];
      let kills = 0;
      for (const { isFromStart, ms } of delays) {
        const { child, ended } = start(argumentsOf(name), { cwd: folder });
        // The half second before the first file is opened would take most of the kills.
        if (!isFromStart) {
          await Promise.race([ended, new Promise((settle) => child.stderr.once("data", settle))]);
        }
        await Promise.race([ended, after(ms)]);
        child.kill("SIGKILL");
        const end = await ended;
        const told = new Set(before.flatMap(finishedLevels));
        const again = finishedLevels(end).filter((level) => told.has(level));
        if (again.length > 0) wrong.push(`lost: ${again.join(", ")} trained again`);
        before.push(end);
        if (end.signal !== "SIGKILL") {
          wrong.push(...wrongEnd(end), ...(end.code === 0 ? [] : [`ended by itself with ${end.code}`]));
          break;
        }
        kills++;
      }
      return { wrong: [...wrong, ...(await continued(name, before))], isHit: true, kills };
    },
  };
}

/**
 * Runs a case without faults, with every operation listed.
 * @param folder the working folder of this process
 * @returns the case's reference, and its operations
 */
export async function record(folder, name, begun) {
  layOut(folder, name, begun);
  arm({ root: join(folder, "runs") });
  const { code, stderr } = await call(argumentsOf(name));
  const { operations } = disarm();
  if (code !== 0) throw new Error(`the run of case ${name} without faults ends with ${code}: ${stderr}`);
  return { reference: { begun, files: [...runFiles(join(folder, "runs"))] }, operations };
}

/**
 * Stops a run after the first level of one seed, by a kill, and keeps its folder.
 * @param operations of the run from an empty folder
 */
export async function stopAfterLevel(folder, name, operations, kept) {
  const seal = operations.find(({ kind, name: path }) => kind === "sync folder" && /seed-0$/.test(path));
  const levels = operations.filter(({ kind, name: path }) => kind === "rename" && /seed-0\/levels\.jsonl$/.test(path));
  const at = levels[0] ?? seal;
  layOut(folder, name);
  const faults = {
    root: join(folder, "runs"),
    at: { place: at.place, index: at.index + 4 },
    fault: { kind: "kill", when: "after" },
  };
  const { signal, stderr } = await start(argumentsOf(name), { cwd: folder, faults }).ended;
  if (signal !== "SIGKILL") throw new Error(`case ${name} could not be stopped: ${stderr}`);
  rmSync(kept, { recursive: true, force: true });
  cpSync(join(folder, "runs"), kept, { recursive: true });
  return kept;
}
