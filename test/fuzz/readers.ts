import { unzipSync, zipSync } from "fflate";
import { analyze } from "../../src/analysis/analyze.ts";
import { layerCount } from "../../src/base/shape.ts";
import { readSpecKeys } from "../../src/cli/training.ts";
import { parseIdx } from "../../src/dataset/idx.ts";
import { datasetOutline } from "../../src/dataset/load.ts";
import { csvDataset, npzDataset } from "../../src/dataset/own_data.ts";
import { verifiedIdx } from "../../src/dataset/sources.ts";
import { checkTasks, isByPosition, parseTasks } from "../../src/dataset/tasks.ts";
import { checkpointOf, fittingCheckpoint } from "../../src/engine/checkpoint.ts";
import { resolveExperiments } from "../../src/lottery/experiment.ts";
import { ticketGraphml } from "../../src/report/graphml.ts";
import { ticketFigure } from "../../src/report/ticket_figure.ts";
import { formatTimes, parseTimes } from "../../src/run/speed/record.ts";
import { readCheckpoint, type StoredCheckpoint } from "../../src/store/checkpoint.ts";
import { parseJson } from "../../src/store/json_text.ts";
import { parseLevelCurves } from "../../src/store/level_curves.ts";
import { formatLevelRecord, parseLevelRecord } from "../../src/store/level_record.ts";
import { describeHolder, parseLock } from "../../src/store/lock/lock_record.ts";
import { openTicket } from "../../src/store/open_ticket.ts";
import { formatRunRecord, parseRunRecord } from "../../src/store/run_record.ts";
import type { ReadTicket } from "../../src/store/ticket_file.ts";
import { parseTimings } from "../../src/store/timing.ts";
import { plan, plannedCoverage, readAddress, writeAddress } from "../../src/web/page/settings.ts";
import type { Chance } from "./chance.ts";
import { checkpointSealed } from "./checkpoint.ts";
import { type Corpus, checkpoint, checkpointOwner, checkpointSizes } from "./corpus.ts";
import { decoded, hostileText, mutateBytes, mutateJson, mutateText } from "./mutate.ts";
import { archive, changedRun, commandOn, folderRead, otherRecord, pageTicket, resumed } from "./run_readers.ts";
import { checkFinite, checkLine, checkMarkup, checkText, Finding } from "./verdict.ts";

/** One input and what reads it. */
export interface Case {
  /** What was read, to be kept where it is a finding. */
  readonly input: unknown;
  /** Texts that are given beside it, such as options and file names. */
  readonly given?: readonly string[];
  /** Reads it; throws what the reader throws, and a {@link Finding} where it accepts what it must not. */
  readonly read: () => unknown;
}

/** A reader of inputs from outside. */
export interface Reader {
  readonly name: string;
  /** Share of the cases, relative to those of other readers: slow readers have few. */
  readonly share: number;
  readonly make: (chance: Chance, corpus: Corpus) => Case;
}

const text = new TextEncoder();

/** Mutates JSON by its tree mostly, by its bytes else. */
function otherJson(json: string, chance: Chance): string {
  return chance.oneIn(5) ? decoded(mutateBytes(text.encode(json), chance)) : mutateJson(json, chance);
}

/** Changes an archive of arrays: its bytes, or an array in it, with the checksum of what it then is. */
function otherArrays(bytes: Uint8Array, chance: Chance): Uint8Array {
  if (chance.oneIn(4)) return mutateBytes(bytes, chance);
  const members = unzipSync(bytes);
  const name = chance.pick(Object.keys(members));
  const array = members[name];
  // The header is text: magic, version and length take 10 bytes, the values begin at 128.
  const header = decoded(array.subarray(10, 128));
  members[name] = chance.oneIn(2) ? withHeader(array, mutateText(header, chance)) : mutateBytes(array, chance);
  if (chance.oneIn(10)) members[hostileText(chance)] = members[name];
  return zipSync(members, { level: 0 });
}

/** An array with another header, filled up to its former length where it is shorter. */
function withHeader(array: Uint8Array, header: string): Uint8Array<ArrayBuffer> {
  const bytes = text.encode(header.padEnd(118));
  const joined = new Uint8Array(10 + bytes.length + array.length - 128);
  joined.set(array.subarray(0, 10));
  new DataView(joined.buffer).setUint16(8, Math.min(bytes.length, 0xffff), true);
  joined.set(bytes, 10);
  joined.set(array.subarray(128), 10 + bytes.length);
  return joined;
}

function checkTicket({ shape, mask, parameters, tasks, coverage, reading }: ReadTicket): void {
  checkFinite(shape, "shape");
  if (layerCount(shape) < 1 || mask.count() > mask.size) throw new Finding(`mask of ${mask.count()} of ${mask.size}`);
  checkFinite(parameters?.values, "parameters");
  for (const note of [...reading.notes, ...reading.maskNotes]) checkLine(note, "note", 1000);
  if (mask.size > 10_000) return;
  const [inputs, outputs] = [shape[0], shape[shape.length - 1]];
  const all = tasks ?? [
    { name: "all", kind: "binary", inputs: { start: 0, count: inputs }, outputs: { start: 0, count: outputs } },
  ];
  if (tasks) checkTasks(tasks, inputs, outputs);
  const analysis = analyze(mask, all, coverage ?? "output");
  const { subnetworks, remaining, degree } = analysis;
  checkFinite([subnetworks.length, remaining, analysis.coverage, degree], "analysis");
  checkMarkup(ticketFigure({ mask, tasks: all, ...analysis, title: reading.layers[0]?.name ?? "" }), "figure");
  checkMarkup(ticketGraphml({ shape, mask, ...(parameters && { parameters }) }, analysis, all), "graph");
}

/** Cuts a header off a safetensors file, changes it as JSON and puts it back, with the length of either. */
function otherTicket(bytes: Uint8Array, chance: Chance): Uint8Array {
  if (chance.oneIn(3)) return mutateBytes(bytes, chance);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = text.encode(mutateJson(decoded(bytes.subarray(8, 8 + length)).trim(), chance));
  const data = bytes.subarray(8 + length);
  const joined = new Uint8Array(8 + header.length + data.length);
  new DataView(joined.buffer).setUint32(0, chance.oneIn(20) ? length : header.length, true);
  joined.set(header, 8);
  joined.set(data, 8 + header.length);
  return chance.oneIn(10) ? mutateBytes(joined, chance) : joined;
}

const ticketReader = (
  name: string,
  share: number,
  file: string,
  make: (chance: Chance, corpus: Corpus) => Uint8Array,
): Reader => ({
  name,
  share,
  make(chance, corpus) {
    const bytes = make(chance, corpus);
    const layers = chance.oneIn(4) ? mutateText("layers.0,layers.1", chance).split(",") : undefined;
    const path = chance.oneIn(30) ? `${hostileText(chance)}.${file.split(".")[1]}` : file;
    const given = [path, ...(layers ?? [])];
    return {
      input: bytes,
      given,
      read: () => checkTicket(openTicket(bytes, path, { layers, maskAlone: chance.oneIn(2) })),
    };
  },
});

const own = { dataSeed: 0 } as const;
const declarations = [
  undefined,
  undefined,
  "a:1:1",
  "a:*:y1",
  "a:x1+x2:y1",
  "a:0..1:2:mse",
  "a:0:2,b:1:2",
  "c:x1..x2:y1",
];

function checkDataset(dataset: Awaited<ReturnType<typeof csvDataset>>): void {
  const { train, validation, inputs, notes = [], inputNames } = dataset;
  for (const note of notes) checkLine(note, "note", 1000);
  if (inputNames && inputNames.length !== inputs) throw new Finding(`${inputNames.length} names of ${inputs} inputs`);
  for (const { samples, features, labels } of [train, validation]) {
    if (samples < 1 || features.length !== samples * inputs) throw new Finding(`${samples} samples of ${inputs}`);
    if (labels.length !== samples * dataset.tasks.length) throw new Finding(`${labels.length} labels`);
    checkFinite(features, "features");
  }
  checkFinite([dataset.mean, dataset.scale], "constants");
}

/** A line of one of the files of lines of a run's folder, changed. */
function lineOf(file: string, chance: Chance, corpus: Corpus): string {
  const runs = corpus.runs.filter((run) => run.has(file));
  const lines = decoded(chance.pick(runs).get(file) ?? new Uint8Array())
    .trim()
    .split("\n");
  return otherJson(chance.pick(lines), chance);
}

async function checkSpec(grids: unknown, set: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const files = { sha256: async () => "0".repeat(64) };
  const found = await resolveExperiments([{ name: "f", where: "f.json", grids }], set, files);
  for (const { spec, seeds, hash } of found.slice(0, 20)) {
    checkFinite(JSON.parse(JSON.stringify(spec)), "spec");
    checkFinite([spec.lr, spec.batch, spec.tolerance, spec.remaining, spec.shape, seeds], "spec");
    if (spec.remaining.length > 1001 || !/^[0-9a-f]{12}$/.test(hash))
      throw new Finding(`${spec.remaining.length} levels`);
  }
}

/** What a checkpoint holds, whatever the order of its arrays in the file. */
const contentOf = ({ kernels, arrays }: StoredCheckpoint) =>
  JSON.stringify([kernels, Object.entries(arrays).sort(([a], [b]) => (a < b ? -1 : 1))]);

export const readers: readonly Reader[] = [
  {
    name: "spec",
    share: 12,
    make(chance, { specs }) {
      const json = otherJson(chance.pick(specs), chance);
      return { input: json, read: async () => checkSpec(parseJson(json, "f.json", "give a spec file")) };
    },
  },
  ticketReader("masks.json", 10, "f.json", (chance, { masks }) => text.encode(otherJson(chance.pick(masks), chance))),
  ticketReader("tensors.json", 10, "f.json", (chance, { tensorLists }) =>
    text.encode(otherJson(chance.pick(tensorLists), chance)),
  ),
  ticketReader("safetensors", 16, "f.safetensors", (chance, { tickets }) => otherTicket(chance.pick(tickets), chance)),
  {
    name: "npz",
    share: 10,
    make(chance, { arrays }) {
      const bytes = otherArrays(chance.pick(arrays), chance);
      const tasks = chance.pick(declarations);
      return {
        input: bytes,
        read: () => checkDataset(npzDataset(bytes, "f.npz", { ...own, ...(tasks && { tasks }) })),
      };
    },
  },
  {
    name: "csv",
    share: 12,
    make(chance, { tables }) {
      const bytes = text.encode(mutateText(chance.pick(tables), chance));
      const content = chance.oneIn(8) ? mutateBytes(bytes, chance) : bytes;
      const tasks = chance.pick(declarations);
      const header = chance.pick(["auto", "auto", "yes", "no"] as const);
      const options = { ...own, header, ...(tasks && { tasks }), ...(chance.oneIn(4) && { standardize: false }) };
      const file = { pieces: [content], sizeBytes: content.length };
      return { input: content, read: async () => checkDataset(await csvDataset(file, "f.csv", options)) };
    },
  },
  {
    name: "idx",
    share: 6,
    make(chance, { idx }) {
      const { bytes, rank } = chance.pick(idx);
      const changed = mutateBytes(bytes, chance);
      return {
        input: changed,
        read: async () => {
          const file = rank === 3 ? "t10k-images-idx3-ubyte" : "t10k-labels-idx1-ubyte";
          if (changed[0] === 0x1f || chance.oneIn(4)) {
            await verifiedIdx("mnist", file, changed, "f");
            throw new Finding("a changed file is taken as the original");
          }
          const { dimensions, values } = parseIdx(changed, "f", rank);
          const count = dimensions.reduce((product, size) => product * size, 1);
          if (dimensions.length !== rank || values.length !== count) throw new Finding(`${values.length} of ${count}`);
        },
      };
    },
  },
  {
    name: "run.json",
    share: 10,
    make(chance, { runs }) {
      const json = otherRecord(decoded(chance.pick(runs).get("run.json") ?? new Uint8Array()), chance);
      return {
        input: json,
        read: async () => {
          const record = await parseRunRecord(json, "f/run.json");
          checkFinite(JSON.parse(await formatRunRecord(record)), "record");
          for (const name of Object.keys({ ...record.checksums, ...record.lines })) {
            if (/[/\\]|^\.\.?$/.test(name)) throw new Finding(`a checksum of ${name}`);
          }
        },
      };
    },
  },
  {
    name: "levels.jsonl",
    share: 8,
    make(chance, corpus) {
      const line = lineOf("levels.jsonl", chance, corpus);
      return {
        input: line,
        read: () => {
          const record = parseLevelRecord(line, "f/levels.jsonl, line 1");
          checkFinite(record, "record");
          parseLevelRecord(formatLevelRecord(record), "again");
        },
      };
    },
  },
  {
    name: "curves.jsonl",
    share: 4,
    make(chance, corpus) {
      const line = lineOf("curves.jsonl", chance, corpus);
      return { input: line, read: () => checkFinite(parseLevelCurves(line, 0, "f/curves.jsonl, line 1"), "curves") };
    },
  },
  {
    name: "timings.jsonl",
    share: 4,
    make(chance, corpus) {
      const line = lineOf("timings.jsonl", chance, corpus);
      return { input: line, read: () => checkFinite(parseTimings([line, line]), "timings") };
    },
  },
  {
    name: "run folder",
    share: 1.5,
    make(chance, corpus) {
      const files = changedRun(chance, corpus);
      return { input: files, read: () => folderRead(files) };
    },
  },
  {
    name: "archive on the page",
    share: 2,
    make(chance, corpus) {
      const bytes = archive(chance, corpus);
      return bytes;
    },
  },
  {
    name: "ticket on the page",
    share: 6,
    make: (chance, { tickets }) => pageTicket(new Uint8Array(otherTicket(chance.pick(tickets), chance)), chance),
  },
  {
    name: "address",
    share: 10,
    make(chance, { addresses }) {
      const hash = mutateText(chance.pick(addresses), chance);
      return {
        input: hash,
        read: () => {
          const settings = readAddress(hash);
          readAddress(writeAddress(settings));
          const planned = plan(settings);
          plannedCoverage(planned);
          datasetOutline(planned.spec.dataset);
          checkFinite(JSON.parse(JSON.stringify(planned.spec)), "spec");
          checkFinite(planned.spec.remaining, "remaining");
        },
      };
    },
  },
  {
    name: "keys and seeds",
    share: 10,
    make(chance, { keys, seeds }) {
      const set = Array.from({ length: 1 + chance.below(3) }, () => mutateText(chance.pick(keys), chance));
      const given = { set, ...(chance.oneIn(2) && { seeds: mutateText(chance.pick(seeds), chance) }) };
      const base = { dataset: "moons-circles", base: [4, 8, 8, 2], extension: 2, rate: 0.3 };
      return { input: given, read: async () => checkSpec(base, readSpecKeys(given)) };
    },
  },
  {
    name: "tasks",
    share: 8,
    make(chance, { tasks }) {
      const given = mutateText(chance.pick(tasks), chance);
      return {
        input: given,
        read: () => {
          const parsed = parseTasks(given);
          checkTasks(parsed, 4, 2, isByPosition(given));
          for (const { name } of parsed) checkText(name, "name");
        },
      };
    },
  },
  {
    name: "step times",
    share: 4,
    make(chance, { times }) {
      const json = otherJson(chance.pick(times), chance);
      const measured = { adapter: "A", version: "0", cpu: "c" };
      return {
        input: json,
        read: () => {
          const found = parseTimes(json, measured);
          checkFinite(found, "times");
          if (Object.values(found).some((us) => !(us > 0))) throw new Finding("a time that is not above 0");
          formatTimes(measured, found);
        },
      };
    },
  },
  {
    name: "lock.json",
    share: 4,
    make(chance, { locks }) {
      const json = otherJson(chance.pick(locks), chance);
      return {
        input: json,
        read: () => {
          const lock = parseLock(json);
          checkFinite(lock, "lock");
          if (lock && !(lock.pid > 0)) throw new Finding(`a lock of pid ${lock.pid}`);
          checkLine(describeHolder(lock), "holder");
        },
      };
    },
  },
  {
    name: "checkpoint",
    share: 4,
    make(chance, { checkpoints }) {
      const changed = otherTicket(chance.pick(checkpoints), chance);
      const sealed = chance.oneIn(2) ? undefined : checkpointSealed(changed);
      const bytes = sealed ?? changed;
      return {
        input: bytes,
        read: async () => {
          const found = await readCheckpoint(bytes, checkpointOwner, "program");
          if (typeof found === "string") checkLine(found, "reason");
          else if (found && sealed) {
            const resumed = checkpointOf(found.kernels, found.arrays);
            const fitting = fittingCheckpoint(resumed, checkpointSizes);
            if (fitting && fitting.parameters.length !== checkpointSizes.parameters)
              throw new Finding("it does not fit");
          }
          // All that it holds is under its checksum.
          else if (found && contentOf(found) !== contentOf(checkpoint)) throw new Finding("a changed checkpoint");
        },
      };
    },
  },
  { name: "commands", share: 0.5, make: commandOn },
  { name: "run again", share: 0.2, make: resumed },
];
