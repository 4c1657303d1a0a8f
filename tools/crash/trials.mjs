import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { argumentsOf, layOut } from "./cases.mjs";
import { call, start } from "./command.mjs";
import { damageOne } from "./damage.mjs";
import { arm, disarm } from "./faults.mjs";
import { randomNumbers } from "./random.mjs";
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

    /** A file of a stopped run is damaged before the run goes on. */
    async damage({ name, seed }) {
      lay(name);
      const { name: file, way, isSealed } = damageOne(runs, randomNumbers(seed));
      const result = await call(argumentsOf(name));
      const where = `${file} ${way}`;
      const wrong = wrongEnd(result, "damage");
      const own = dirname(file);
      // Times are no function of spec and adapter, so what is lost of them stays lost.
      const differing = differences(new Map(references[name].files), runFiles(runs)).filter(
        (line) => !line.includes("timings.jsonl"),
      );
      if (result.code === 0) wrong.push(...differing.map((line) => `silent: exit 0, ${line}`));
      else
        wrong.push(...differing.filter((line) => !line.startsWith(own)).map((line) => `lost: of another run, ${line}`));
      if (isSealed && !result.stderr.includes(basename(file))) wrong.push("silent: it is not said");
      return { wrong: wrong.map((line) => `${line} (${where})`), isHit: true, kills: 0 };
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
 * Stops a run after a level of its first seed, by a kill, and keeps its folder.
 * @param operations of the run from an empty folder
 * @param level the last level whose record is to be there, from 0
 */
export async function stopAfterLevel(folder, name, operations, level, kept) {
  const records = operations.filter(({ kind, name: path }) => kind === "rename" && /seed-0\/levels\.jsonl$/.test(path));
  // A level is finished some writes later; then the next one is trained.
  const { place, index } = records[level];
  const later = operations.filter((one) => one.place === place && one.index > index && one.kind === "rename");
  const at = { place, index: (later.find(({ name: path }) => !path.endsWith("run.json")) ?? later.at(-1)).index };
  layOut(folder, name);
  const faults = { root: join(folder, "runs"), at, fault: { kind: "kill", when: "before" } };
  const { signal, stderr } = await start(argumentsOf(name), { cwd: folder, faults }).ended;
  if (signal !== "SIGKILL") throw new Error(`case ${name} could not be stopped: ${stderr}`);
  rmSync(kept, { recursive: true, force: true });
  cpSync(join(folder, "runs"), kept, { recursive: true });
  return kept;
}
