import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Starts several processes that write the same run folders, at random offsets, and ends some of them: `node tools/test_writers.mjs
 * [starts] [seed] [minutes]`. What is left must be what one process writes, byte for byte, and every process that was not ended must print
 * all results.
 */

/** What happens to one of the writers. */
const fates = ["none", "SIGKILL", "SIGTERM", "SIGHUP", "SIGSTOP"];
/** Two commands with runs in common: the same, some seeds, a grid. */
const pairs = [
  [
    ["--seeds", "0..3"],
    ["--seeds", "0..3"],
  ],
  [
    ["--seeds", "0..2"],
    ["--seeds", "1..3"],
  ],
  [
    ["--set", "batch=32,64", "--seeds", "0,1"],
    ["--set", "batch=64,16", "--seeds", "1,0"],
  ],
];
/** Small networks: four runs of four levels take about as long as a process takes to start. */
const command = ["run", "moons-circles", "--set", "extension=3", "maxEpochs=200", "--device", "cpu"];
/** A writer that takes longer hangs. */
const mostMs = 120_000;

/** Numbers from 0 to below 1 by a seed (mulberry32). */
function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function start(program, args, cwd) {
  const { SPLIT_TICKET_ADAPTER: _, ...env } = process.env;
  const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => {
      output[name] += text;
    });
  }
  const hang = setTimeout(() => child.kill("SIGKILL"), mostMs);
  const ended = new Promise((done) => {
    child.on("close", (code, signal) => {
      clearTimeout(hang);
      done({ code, signal, ...output });
    });
  });
  return { child, ended };
}

/** SHA-256 of every file below a folder, by path; of timings only that they are there. */
function contents(folder) {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [
      path.slice(folder.length + 1),
      path.endsWith("timings.jsonl") ? "" : createHash("sha256").update(readFileSync(path)).digest("hex"),
    ]),
  );
}

/** How the contents of two folders differ, a line for each file. */
function differences(found, wanted) {
  return [...new Set([...Object.keys(found), ...Object.keys(wanted)])].flatMap((path) => {
    if (!(path in found)) return [`lost: ${path}`];
    if (!(path in wanted)) return [`left over: ${path}`];
    return found[path] === wanted[path] ? [] : [`differs: ${path}`];
  });
}

/**
 * Starts pairs of writers and compares what they leave with what one process writes.
 * @param options.program path of the command line's bundle
 * @param options.starts number of pairs
 * @param options.seed of the offsets, the pairs and what happens to them
 * @param options.minutes time after which no other pair is started
 * @param options.say receives a line for each fault
 * @returns figures: pairs, writers, how many were ended in which way, how many runs were waited for, and faults: files that were
 * lost, left over or differ, internal errors, wrong exit codes, missing results
 */
export async function testWriters({ program, starts, seed = 1, minutes = Number.POSITIVE_INFINITY, say = () => {} }) {
  const startedAt = performance.now();
  const random = randomNumbers(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const folder = mkdtempSync(join(tmpdir(), "split-ticket-writers-"));
  const figures = { starts: 0, writers: 0, ended: {}, waited: 0, takenOver: 0, faults: 0 };
  const fault = (text) => {
    figures.faults++;
    say(text);
  };
  const alone = new Map();
  /** What one process prints for a command, and leaves, in a folder of the same name. */
  const reference = async (pair) => {
    if (alone.has(pair)) return alone.get(pair);
    const cwd = join(folder, `alone-${alone.size}`);
    mkdirSync(cwd);
    const prints = [];
    for (const args of pair) prints.push((await start(program, [...command, ...args], cwd).ended).stdout);
    alone.set(pair, { prints, files: contents(join(cwd, "runs")) });
    return alone.get(pair);
  };
  try {
    for (let number = 0; number < starts && performance.now() - startedAt < minutes * 60_000; number++) {
      figures.starts++;
      const pair = pick(pairs);
      const { prints, files } = await reference(pair);
      const cwd = join(folder, `start-${number}`);
      mkdirSync(cwd);
      const fate = pick(fates);
      // Two, and now and then three.
      const args = random() < 0.2 ? [...pair, pair[0]] : pair;
      const victim = Math.floor(random() * args.length);
      const writers = [];
      for (const own of args) {
        writers.push(start(program, [...command, ...own], cwd));
        await after(random() * 200);
      }
      figures.writers += writers.length;
      figures.ended[fate] = (figures.ended[fate] ?? 0) + 1;
      await after(200 + random() * 2000);
      if (fate !== "none") writers[victim].child.kill(fate);
      if (fate === "SIGSTOP") {
        await after(random() * 1500);
        writers[victim].child.kill("SIGCONT");
      }
      const where = `start ${number} (seed ${seed}), ${fate} of writer ${victim} of ${writers.length}`;
      for (const [k, { ended }] of writers.entries()) {
        const { code, signal, stdout, stderr } = await ended;
        const isVictim = k === victim && ["SIGKILL", "SIGTERM", "SIGHUP"].includes(fate);
        if (stderr.includes("internal") || stderr.includes("    at ")) fault(`${where}: writer ${k}: ${stderr}`);
        if (stderr.includes("waiting for")) figures.waited++;
        if (stderr.includes("continuing with level")) figures.takenOver++;
        // It may have ended before the signal, or not listened yet when it came.
        const allowed = isVictim ? [0, 130, fate] : [0];
        if (!allowed.includes(code ?? signal)) fault(`${where}: writer ${k} ended with ${code ?? signal}: ${stderr}`);
        if (code === 0 && stdout !== prints[k % 2]) fault(`${where}: writer ${k} printed other results: ${stdout}`);
      }
      // What only the victim wanted is finished by the same command.
      if (fate !== "none") await start(program, [...command, ...args[victim]], cwd).ended;
      for (const line of differences(contents(join(cwd, "runs")), files)) fault(`${where}: ${line}`);
      rmSync(cwd, { recursive: true });
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const [starts = "100", seed = "1", minutes = "Infinity"] = process.argv.slice(2);
  const program = fileURLToPath(new URL("../dist/cli.mjs", import.meta.url));
  const startedAt = performance.now();
  const say = (line) => console.error(line);
  const figures = await testWriters({
    program,
    starts: Number(starts),
    seed: Number(seed),
    minutes: Number(minutes),
    say,
  });
  const { writers, ended, waited, takenOver, faults } = figures;
  const fates = Object.entries(ended).map(([fate, count]) => `${fate} ${count}`);
  console.log(
    `${figures.starts} starts of ${writers} writers in ${Math.round((performance.now() - startedAt) / 1000)} s (${fates.join(", ")}): ${waited} waited for others, ${takenOver} went on with a run of another, ${faults} faults`,
  );
  process.exitCode = faults === 0 ? 0 : 1;
}
