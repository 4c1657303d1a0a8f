import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { zipSync } from "fflate";
import { InputError } from "../../src/base/errors.ts";
import { parseJsonText } from "../../src/base/json.ts";
import { runCommandLine } from "../../src/cli/command_line.ts";
import { levelNotes, levelTable, outcomeLine } from "../../src/report/level_table.ts";
import { populationTable } from "../../src/report/population_table.ts";
import { reportedRun } from "../../src/report/reported_run.ts";
import { runTable } from "../../src/report/run_table.ts";
import { scoreNames } from "../../src/report/score_names.ts";
import { splitLines } from "../../src/store/lines.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { readRunFolder } from "../../src/store/open_run.ts";
import { readStoredRun } from "../../src/store/stored_run.ts";
import { levelRows, runRow } from "../../src/table/run_rows.ts";
import { LocalLaboratory } from "../../src/web/worker/laboratory.ts";
import type { Chance } from "./chance.ts";
import type { Corpus, FilesByPath } from "./corpus.ts";
import { decoded, hostileText, mutateBytes, mutateJson, mutateText } from "./mutate.ts";
import type { Case } from "./readers.ts";
import { checkFinite, checkLine, checkMarkup, checkText, Finding } from "./verdict.ts";

/** The files of a run with one or two of them changed; mostly with checksums that say the changed files are right. */
export function changedRun(chance: Chance, corpus: Corpus, runs = corpus.runs): FilesByPath {
  const files = new Map(chance.pick(runs));
  for (let left = 1 + chance.below(2); left > 0; left--) {
    const name = chance.pick([...files.keys()]);
    const bytes = files.get(name) ?? new Uint8Array();
    if (chance.oneIn(25)) files.delete(name);
    else files.set(name, name.endsWith(".safetensors") ? mutateBytes(bytes, chance) : changedLines(bytes, chance));
  }
  if (!chance.oneIn(4)) sealed(files);
  return files;
}

function changedLines(bytes: Uint8Array, chance: Chance): Uint8Array {
  if (chance.oneIn(8)) return mutateBytes(bytes, chance);
  const whole = decoded(bytes);
  // run.json is one object over several lines.
  if (whole.startsWith("{\n")) return new TextEncoder().encode(otherRecord(whole, chance));
  const lines = whole.trim().split("\n");
  const at = chance.below(lines.length);
  if (chance.oneIn(10)) lines.splice(at, chance.below(2), lines[chance.below(lines.length)]);
  else lines[at] = chance.oneIn(10) ? hostileText(chance) : mutateJson(lines[at], chance);
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}

const hashOf = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex");

/** Writes the checksums of the files as they are, so that a reader goes on to read them. */
function sealed(files: Map<string, Uint8Array>): void {
  const record = objectOf(decoded(files.get("run.json") ?? new Uint8Array()));
  if (!record) return;
  const { checksums, lines } = record as { checksums?: Record<string, unknown>; lines?: Record<string, unknown> };
  for (const [name, bytes] of files) {
    if (checksums && Object.hasOwn(checksums, name)) checksums[name] = hashOf(bytes);
    if (lines && Object.hasOwn(lines, name)) {
      lines[name] = splitLines(decoded(bytes)).map((line) => hashOf(line).slice(0, 16));
    }
  }
  files.set("run.json", new TextEncoder().encode(recordSealed(JSON.stringify(record))));
}

function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const value = parseJsonText(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    // It is no JSON any more.
    return undefined;
  }
}

/** The text of a record with the checksum of what it now is; it may be no JSON any more. */
export function recordSealed(text: string): string {
  const open = text
    .replace(/,\s*"sha256":\s*"[^"]*"/, "")
    .trimEnd()
    .replace(/\}$/, "")
    .trimEnd();
  return `${open},\n  "sha256": "${hashOf(`${open}\n}\n`)}"\n}\n`;
}

/** A run's record, changed: as it is, with its own checksum made right, or of a format without one. */
export function otherRecord(json: string, chance: Chance): string {
  const former = chance.oneIn(3) ? json.replace('"format": 3', '"format": 2') : json;
  const changed = chance.oneIn(6)
    ? decoded(mutateBytes(new TextEncoder().encode(former), chance))
    : mutateJson(former, chance);
  return chance.oneIn(4) ? changed : recordSealed(changed);
}

/** Reads a run as show, table and report do, but for the drawing. */
export async function folderRead(files: FilesByPath): Promise<void> {
  const memory = new MemoryFiles([...files].map(([name, bytes]) => [`f/seed-0/${name}`, bytes]));
  const folder = await readRunFolder(memory, "f/seed-0");
  const stored = await readStoredRun(memory, folder);
  const { levels, outcome = "unfinished" } = stored;
  checkFinite(levels, "levels");
  if (levels.length === 0) return;
  const { name, seed, tasks, inputNames } = folder.record;
  const names = scoreNames(tasks);
  const lines = [
    levelTable(levels, { color: false, scoreNames: names }),
    ...levelNotes(levels),
    outcomeLine({ name, seed, outcome, levels, scoreNames: names, inputNames }),
    populationTable([{ name, values: { [name]: folder.record.spec.shape }, seed, outcome, levels, scoreNames: names }]),
  ];
  for (const line of lines) checkShown(line, "table");
  checkFinite(
    [...levelRows(stored), runRow(stored)].map((row) => [...row.values()].filter((cell) => cell !== undefined)),
  );
  await folder.readCurves();
  const reported = await reportedRun(stored);
  if (reported)
    checkFinite(
      runTable([reported])
        .rows.flat()
        .map(({ value }) => value),
      "table of runs",
    );
  for (const { level } of levels) await folder.readLevelMask(level);
  checkFinite((await folder.readInit())?.values, "initial weights");
}

function checkShown(shown: string, what: string): void {
  checkText(shown, what);
  if (/\bNaN\b|\bundefined\b|\[object Object\]|\bInfinity\b/.test(shown))
    throw new Finding(`${what}: ${shown.slice(0, 600)}`);
}

function openPage(): LocalLaboratory {
  // Node before 21 has none.
  (globalThis as { navigator?: object }).navigator ??= { hardwareConcurrency: 1, userAgent: "Node" };
  return new LocalLaboratory(new URL("http://127.0.0.1/"), () => {});
}

/** A ticket, opened as on the page. */
export function pageTicket(bytes: Uint8Array<ArrayBuffer>, chance: Chance): Case {
  const tasks = chance.oneIn(2) ? mutateText("a:2:1,b:2:1", chance) : undefined;
  const layers = chance.oneIn(6) ? mutateText("layers.0,layers.1", chance) : undefined;
  return {
    input: bytes,
    read: async () => {
      const page = openPage();
      const opened = await page.openFile("f.safetensors", bytes, {
        coverage: "total",
        ...(tasks !== undefined && { tasks }),
        ...(layers !== undefined && { layers }),
      });
      if (opened.kind === "layers-needed") checkLine(opened.problem, "question");
      if (opened.kind !== "ticket") return;
      const { path, shape, notes, weights } = opened.ticket;
      checkFinite([shape, weights], "ticket");
      for (const note of notes) checkLine(note, "note", 1000);
      const picture = await page.picture(path, 0, "inputs");
      checkFinite([...picture.points.x, ...picture.lines.strength], "picture");
      checkMarkup(await page.graphml(path, 0), "graph");
      await page.ticket(path, 0);
    },
  };
}

/** An archive of a run's folder, opened as on the page. */
export function archive(chance: Chance, corpus: Corpus): Case {
  const folder = chance.oneIn(6) ? `${hostileText(chance)}/seed-0` : "runs/a/seed-0";
  const packed = chance.oneIn(3)
    ? mutateBytes(chance.pick(corpus.archives), chance)
    : zipSync(
        Object.fromEntries([...changedRun(chance, corpus)].map(([name, bytes]) => [`${folder}/${name}`, bytes])),
        { level: 0 },
      );
  const bytes = new Uint8Array(packed);
  return {
    input: bytes,
    read: async () => {
      const page = openPage();
      const opened = await page.openFile("f.zip", bytes, { coverage: "total" });
      if (opened.kind !== "runs") throw new Finding(`an archive is opened as ${opened.kind}`);
      for (const { path, levels, shape, remaining, tasks, outcome } of opened.runs) {
        checkFinite([levels, shape, remaining ?? null, tasks, outcome ?? null], "run");
        if (!Array.isArray(remaining)) throw new Finding("a run without its plan");
        const { picture, tasks: drawn } = { picture: await page.picture(path, levels.length - 1, "outputs"), tasks };
        if (drawn.length > 0) checkFinite([...picture.points.x, ...picture.lines.strength], "picture");
        checkMarkup(await page.graphml(path, 0), "graph");
        await page.ticket(path, 0);
      }
    },
  };
}

/** A stream that keeps what is written to it. */
function capture() {
  const pieces: (string | Uint8Array)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (piece: string | Uint8Array, _encoding, done) => {
      pieces.push(piece);
      done();
    },
  });
  return { stream, text: () => pieces.map((piece) => (typeof piece === "string" ? piece : "")).join("") };
}

const commands = [
  "show",
  "show --json",
  "table",
  "table --rows runs --format jsonl",
  "table --format parquet",
  "verify",
  "analyze",
  "analyze --svg OUT.svg",
  "export OUT.csv",
  "export OUT.graphml",
  "export OUT.onnx",
  "show --svg OUT.svg",
];

/** A command on a changed run's folder, or a report of it, or a command line of changed words. */
export function commandOn(chance: Chance, corpus: Corpus): Case {
  const files = changedRun(chance, corpus);
  const isReport = chance.oneIn(40);
  const format = chance.pick(["html", "md"]);
  const words = (isReport ? `report -o OUT.${format}` : chance.pick(commands)).split(" ");
  if (chance.oneIn(6)) {
    const more = mutateText(
      chance.pick([
        "--level 1",
        "--tasks a:2:1,b:2:1",
        "--layers layers.0,layers.1",
        "--coverage output",
        "--rows runs",
      ]),
      chance,
    );
    words.push(...more.split(" "));
  }
  if (chance.oneIn(12)) words[chance.below(words.length)] = hostileText(chance);
  return { input: { words, files }, read: () => commandRead(words, files) };
}

/** The command that made a run, given again on its changed folder: it makes the run's bytes again, or refuses in a line. */
export function resumed(chance: Chance, corpus: Corpus): Case {
  const files = changedRun(chance, corpus, corpus.runs.slice(0, 1));
  return { input: files, read: () => resumedRead(files, corpus) };
}

async function resumedRead(files: FilesByPath, { specOfFirstRun, folderOfFirstRun }: Corpus): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "split-ticket-fuzz-"));
  try {
    const out = join(root, "runs");
    const folder = join(out, folderOfFirstRun, "seed-0");
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const spec = join(root, "plain.json");
    writeFileSync(spec, specOfFirstRun);
    const given = ["run", spec, "--out", out, "--device", "cpu"];
    const { code, said } = await commandLine(given);
    if (code === 2) throw new InputError(said.split("\n").at(-1) ?? "");
    if (code !== 0) throw new Finding(`exit ${code}: ${said}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Runs a command line in this process; checks its standard error. */
async function commandLine(words: readonly string[]): Promise<{ code: number; said: string; shown: string }> {
  const [stdout, stderr] = [capture(), capture()];
  const code = await runCommandLine(words, {
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
    enter: async () => undefined,
  });
  const said = stderr.text().trimEnd();
  for (const line of said === "" ? [] : said.split("\n")) checkLine(line, "standard error", 1100);
  if (/internal|TypeError|RangeError/.test(said) || ![0, 1, 2].includes(code)) {
    throw new Finding(`exit ${code}: ${said}`);
  }
  return { code, said, shown: stdout.text() };
}

/** A command line whose outputs lie in a folder, whatever its words are: a changed path must not reach another file. */
function within(folder: string, words: readonly string[]): string[] {
  const isOutput = (word: string | undefined) => word === "-o" || word === "--output" || word === "--svg";
  return words.map((word, i) => {
    if (isOutput(words[i - 1])) return join(folder, word.replace("OUT", "x").replaceAll(/[/\\]|^\.\.?$/g, "_"));
    // An option and its value in one word.
    return /^(-o|--output|--svg)./s.test(word) ? "--other" : word;
  });
}

async function commandRead(words: readonly string[], files: FilesByPath): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "split-ticket-fuzz-"));
  try {
    const folder = join(root, "runs", "seed-0");
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
    const output = join(root, "out");
    mkdirSync(output);
    const [command, ...options] = words;
    const given = command === "export" ? [command, folder, "-o", ...options] : [command, folder, ...options];
    const { code, said, shown } = await commandLine(within(output, given));
    // `verify` prints what is damaged.
    if (command === "verify" && code === 1) {
      checkText(shown, "output");
      throw new InputError(said);
    }
    if (code === 1 && !/not what the run wrote/.test(said)) throw new Finding(`exit ${code}: ${said}`);
    if (code === 0) checkOutputs(output, command, words, shown);
    else throw new InputError(said.split("\n").at(-1) ?? "");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function checkOutputs(folder: string, command: string, words: readonly string[], shown: string): void {
  const isText = command === "show" || command === "analyze";
  if (isText && words.includes("--json")) {
    checkText(shown.trimEnd(), "JSON");
    checkFinite(JSON.parse(shown), "document");
  } else if (isText) checkShown(shown.replaceAll("\t", " "), "output");
  else if (command === "report" || command === "verify") checkText(shown, "output");
  for (const entry of readdirSync(folder, { recursive: true }) as string[]) {
    if (!/\.(svg|html|md|graphml)$/.test(entry)) continue;
    const document = readFileSync(join(folder, entry), "utf8");
    checkMarkup(document, entry, entry.endsWith(".html") ? 1 : 0);
    const numbers = entry.endsWith(".svg")
      ? document.replaceAll(/<title>.*?<\/title>|<text[^>]*>.*?<\/text>/gs, "")
      : "";
    if (/="[^"]*\bNaN\b|="[^"]*\bundefined\b/.test(numbers))
      throw new Finding(`${entry} with NaN: ${numbers.slice(0, 300)}`);
  }
}
