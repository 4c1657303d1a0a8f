import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type Result, runCase } from "./cases.ts";
import { type Corpus, makeCorpus } from "./corpus.ts";
import { readers } from "./readers.ts";

/**
 * `npm run test:fuzz`: reads changed files, addresses and command lines by all readers, in worker threads. Each case is
 * a function of the seed and its number, so that a finding is repeated by `--seed <seed> --only <number>`.
 */

/** Options of a worker, and where it writes the number of the case that it reads. */
interface Job {
  readonly corpus: Corpus;
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  readonly end: number;
  readonly reader: string | undefined;
  readonly endAt: number;
  /** [number, time in ms]. */
  readonly now: SharedArrayBuffer;
}

/** Memory of a worker's JavaScript values, and the time after which a case hangs. */
const [mostHeapMb, hangMs] = [512, 30_000];
/** Findings of one reader that are kept as files. */
const mostKept = 20;

/** Counts of a worker; posted now and then. */
type Counts = Record<string, { accepted: number; refused: number; finding: number; ms: number; slowestMs: number }>;

async function work({ corpus, seed, first, step, end, reader, endAt, now }: Job): Promise<void> {
  const state = new Float64Array(now);
  let counts: Counts = {};
  const tell = () => {
    parentPort?.postMessage({ counts });
    counts = {};
  };
  for (let number = first; number < end && Date.now() < endAt; number += step) {
    state[0] = number;
    state[1] = Date.now();
    const result = await runCase(corpus, seed, number, reader);
    counts[result.reader] ??= { accepted: 0, refused: 0, finding: 0, ms: 0, slowestMs: 0 };
    const own = counts[result.reader];
    own[result.verdict]++;
    own.ms += result.elapsedMs;
    own.slowestMs = Math.max(own.slowestMs, result.elapsedMs);
    if (result.verdict === "finding") parentPort?.postMessage({ number, result });
    if (((number - first) / step) % 1000 === 999) tell();
  }
  state[0] = Number.NaN;
  tell();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cases: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
      from: { type: "string", default: "0" },
      reader: { type: "string" },
      only: { type: "string" },
      minutes: { type: "string", default: "20" },
      workers: { type: "string", default: "2" },
      keep: { type: "string", default: join(".cache", "fuzz", "findings") },
    },
  });
  const [seed, from, cases] = [values.seed, values.from, values.cases].map(Number);
  const corpus = await makeCorpus();
  if (values.only !== undefined) {
    const result = await runCase(corpus, seed, Number(values.only), values.reader);
    console.log(result.verdict, result.reader, result.problem ?? "");
    process.exitCode = result.verdict === "finding" ? 1 : 0;
    return;
  }
  const startedAt = Date.now();
  const endAt = startedAt + Number(values.minutes) * 60_000;
  const total: Counts = {};
  const kinds = new Map<string, { count: number; example: string }>();
  const note = (number: number, result: Result) => {
    const kind = `${result.reader}: ${(result.problem ?? "").replace(/\d+/g, "#").slice(0, 160)}`;
    const known = kinds.get(kind);
    if (known) {
      known.count++;
      return;
    }
    kinds.set(kind, { count: 1, example: `--seed ${seed} --only ${number}` });
    console.error(`finding (${number}) ${result.reader}: ${(result.problem ?? "").slice(0, 700)}\n`);
    if (kinds.size <= mostKept * readers.length) keep(values.keep, number, result);
  };
  const count = Number(values.workers);
  await Promise.all(
    Array.from({ length: count }, (_, k) =>
      series(
        { corpus, seed, first: from + k, step: count, end: from + cases, reader: values.reader, endAt },
        total,
        note,
      ),
    ),
  );
  const seconds = (Date.now() - startedAt) / 1000;
  let [all, found] = [0, 0];
  for (const { name } of readers) {
    const own = total[name];
    if (!own) continue;
    const sum = own.accepted + own.refused + own.finding;
    all += sum;
    found += own.finding;
    console.log(
      `${name.padEnd(20)} ${String(sum).padStart(8)} cases: ${own.accepted} accepted, ${own.refused} refused, ${own.finding} findings; ${(own.ms / sum).toFixed(2)} ms each, ${own.slowestMs.toFixed(0)} ms at most`,
    );
  }
  for (const [kind, { count: times, example }] of kinds) console.log(`${times} x ${kind} (${example})`);
  const peak = Math.round(process.resourceUsage().maxRSS / 1000);
  console.log(
    `${all} cases of seed ${seed} in ${seconds.toFixed(0)} s: ${Math.round(all / seconds)} a second; ${found} findings; the process took ${peak} MB at most`,
  );
  process.exitCode = kinds.size > 0 ? 1 : 0;
}

/** Runs the cases of one worker to their end; a worker that hangs or runs out of memory is a finding, and another goes on. */
async function series(job: Omit<Job, "now">, total: Counts, note: (number: number, result: Result) => void) {
  for (let first = job.first; first < job.end && Date.now() < job.endAt; ) {
    const now = new SharedArrayBuffer(16);
    const state = new Float64Array(now);
    state.fill(Number.NaN);
    const problem = await new Promise<string | undefined>((resolve) => {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: { ...job, first, now } satisfies Job,
        resourceLimits: { maxOldGenerationSizeMb: mostHeapMb },
      });
      const watch = setInterval(() => {
        if (Date.now() - state[1] < hangMs || Number.isNaN(state[0])) return;
        clearInterval(watch);
        worker.terminate().then(() => resolve(`it did not end within ${hangMs} ms`));
      }, 500);
      worker.on("message", (message: { counts: Counts } | { number: number; result: Result }) => {
        if ("result" in message) note(message.number, message.result);
        else add(total, message.counts);
      });
      worker.on("error", (error) => {
        clearInterval(watch);
        resolve(String(error instanceof Error ? (error.stack ?? error) : error));
      });
      worker.on("exit", () => {
        clearInterval(watch);
        resolve(undefined);
      });
    });
    if (problem === undefined) return;
    const number = state[0];
    if (Number.isNaN(number)) throw new Error(problem);
    note(number, { reader: "worker", verdict: "finding", problem, elapsedMs: 0 });
    first = number + job.step;
  }
}

function add(total: Counts, counts: Counts): void {
  for (const [name, own] of Object.entries(counts)) {
    const sum = total[name];
    if (!sum) {
      total[name] = { ...own };
      continue;
    }
    for (const key of ["accepted", "refused", "finding", "ms"] as const) sum[key] += own[key];
    sum.slowestMs = Math.max(sum.slowestMs, own.slowestMs);
  }
}

/** Writes the input of a finding, so that it can be looked at. */
function keep(folder: string, number: number, { input, problem }: Result): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, String(number));
  writeFileSync(`${path}.txt`, `${problem}\n`);
  if (input === undefined) return;
  if (typeof input === "string" || input instanceof Uint8Array) writeFileSync(`${path}.input`, input);
  else {
    const plain = (_key: string, value: unknown) =>
      value instanceof Map
        ? Object.fromEntries(value)
        : value instanceof Uint8Array
          ? new TextDecoder().decode(value)
          : value;
    writeFileSync(`${path}.json`, JSON.stringify(input, plain, 1));
  }
}

if (isMainThread) await main();
else await work(workerData as Job);
