import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zipSync } from "fflate";
import { type CheckpointSizes, checkpointArrays } from "../../src/engine/checkpoint.ts";
import { Mask, maskLayout } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { run } from "../../src/node.ts";
import { type StoredCheckpoint, writeCheckpoint } from "../../src/store/checkpoint.ts";
import { formatLock } from "../../src/store/lock/lock_record.ts";
import { writeSafetensors } from "../../src/store/safetensors.ts";
import { writeTicket } from "../../src/store/ticket_file.ts";
import { npy, npyTexts } from "../dataset/npy_file.ts";
import { Chance } from "./chance.ts";

/** The files of a run's folder by name, and others by path. */
export type FilesByPath = ReadonlyMap<string, Uint8Array>;

/** Valid inputs of all readers, from which all others are made. */
export interface Corpus {
  /** Folders of finished runs. */
  readonly runs: readonly FilesByPath[];
  /** JSON of the spec of the first run, whose name is plain, and the folder that the command line would give it. */
  readonly specOfFirstRun: string;
  readonly folderOfFirstRun: string;
  readonly specs: readonly string[];
  readonly masks: readonly string[];
  readonly tensorLists: readonly string[];
  readonly tickets: readonly Uint8Array[];
  readonly arrays: readonly Uint8Array[];
  readonly archives: readonly Uint8Array[];
  readonly tables: readonly string[];
  readonly idx: readonly { readonly bytes: Uint8Array<ArrayBuffer>; readonly rank: number }[];
  readonly addresses: readonly string[];
  readonly keys: readonly string[];
  readonly seeds: readonly string[];
  readonly tasks: readonly string[];
  readonly times: readonly string[];
  readonly locks: readonly string[];
  readonly checkpoints: readonly Uint8Array[];
}

const ownMask = Mask.full([4, 3, 2]);
/** The level that the checkpoint of the corpus belongs to, and what it holds. */
export const checkpointOwner = { level: 1, mask: ownMask, settings: { seed: 0, lr: 0.1 } };
export const checkpointSizes: CheckpointSizes = {
  kernels: "cpu",
  parameters: 3,
  keepsBest: false,
  scores: 2,
  entryWords: 1,
  lossCells: 1,
  length: { perEpoch: 4, evaluateEvery: 4, most: 36, evaluations: 9 },
};
export const checkpoint: StoredCheckpoint = {
  kernels: "cpu",
  arrays: checkpointArrays({
    kernels: "cpu",
    counts: {
      ...{
        steps: 9,
        evaluations: 2,
        evaluationsSinceBest: 1,
        bestValLoss: 0.5,
        trainLossSum: 3,
        trainLoss: 0.5,
        valLoss: 0.6,
      },
      ...{ keptEvaluation: 1, keptTrainLoss: 0.5, keptValLoss: 0.5 },
    },
    parameters: Float32Array.of(1, 2, 3),
    firstMoments: Float32Array.of(4, 5, 6),
    secondMoments: Float32Array.of(7, 8, 9),
    bestParameters: new Float32Array(0),
    keptScores: Uint32Array.of(1, 2),
    curves: Uint32Array.of(3, 4),
    lossCells: Uint32Array.of(5),
  }),
};

const tasks = [
  { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
  { name: "moons", kind: "binary", inputs: [2, 3], outputs: { start: 1, count: 1 } },
] as const;

/** Makes the corpus; the runs are real ones of a second. */
export async function makeCorpus(): Promise<Corpus> {
  const runs = await smallRuns();
  const { name, specHash } = JSON.parse(new TextDecoder().decode(runs[0].get("run.json")));
  const chance = new Chance(7);
  const bit = () => chance.below(2);
  const matrix = (rows: number, columns: number, value: () => unknown) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, value));
  const shape = [4, 3, 2];
  const mask = Mask.full(shape);
  mask.set(0, 1, 2, false);
  const parameters = initialParameters(shape, 3, {});
  const x = npy("<f4", [6, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const y = npy("<i8", [6], [0, 1, 0, 1, 1, 0]);
  return {
    runs,
    specOfFirstRun: JSON.stringify(smallSpec),
    folderOfFirstRun: `${name}-${specHash}`,
    specs: [
      '{"dataset":"moons-circles","base":[4,8,8,2],"extension":3,"rate":0.32,"seeds":[0,1]}',
      '{"dataset":"moons-circles","shape":[4,8,2],"levels":3,"target":20,"lr":[0.01,0.001],"noise":0.1,"factor":0.4,"measures":["density"]}',
      '[{"dataset":"mnist","shape":[784,10,10],"rate":0.3,"levels":2,"classes":[0,1],"samplesPerClass":10,"keepCurves":true,"maxEpochs":5}]',
      '{"dataset":"own.csv","tasks":[{"name":"a","inputs":["x1","x2"],"targets":["y1"]}],"shape":[2,4,1],"levels":1,"target":4,"validation":0.2,"optimizer":"sgd","schedule":"warmup:10","weightDecay":0.01,"activation":"tanh","stopAt":"separated","coverage":"output"}',
    ],
    masks: [
      JSON.stringify({ shape: [4, 3, 2], masks: [matrix(3, 4, bit), matrix(2, 3, bit)] }),
      JSON.stringify([matrix(3, 40, () => bit() === 1), matrix(1, 3, bit)]),
    ],
    tensorLists: [
      JSON.stringify({ "fc1.weight_mask": matrix(3, 4, bit), "fc2.weight_mask": matrix(2, 3, bit) }),
      JSON.stringify({ params: { Dense_0: { kernel: matrix(4, 3, () => chance.below(9) / 7), bias: [0, 1, 2] } } }),
    ],
    tickets: [
      writeTicket({ mask, parameters, analysis: { tasks, coverage: "output" }, metadata: { level: "1" } }),
      writeTicket({ mask: new Mask([40, 2], new Uint32Array(maskLayout([40, 2]).words).fill(5)), metadata: {} }),
      writeTicket({ mask: withoutBias(mask), parameters, metadata: { level: "2" } }),
      writeSafetensors(
        new Map([
          ["params/Dense_0/kernel", { dtype: "F64", shape: [4, 3], data: new Float64Array(12).fill(0.5) }],
          ["params/Dense_0/bias", { dtype: "F32", shape: [3], data: new Float32Array(3) }],
          ["params/Dense_1/kernel", { dtype: "F16", shape: [3, 2], data: new Uint16Array(6).fill(0x3c00) }],
          ["conv.weight", { dtype: "BF16", shape: [1, 1, 2, 2], data: new Uint16Array(4) }],
          ["step", { dtype: "I64", shape: [], data: new BigInt64Array(1) }],
        ]),
      ),
    ],
    arrays: [
      zipSync({ "x_train.npy": x, "y_train.npy": y, "x_test.npy": x, "y_test.npy": y }, { level: 0 }),
      zipSync({ "x_train.npy": x, "y_train.npy": npyTexts(["a", "b", "a", "c", "b", "c"], 2) }),
      zipSync({
        "X_train.npy": npy(
          "|u1",
          [6, 1, 2],
          new Uint8Array(12).map((_, i) => i),
        ),
        "Y_train.npy": y,
      }),
    ],
    archives: [
      zipSync(Object.fromEntries([...runs[0]].map(([name, bytes]) => [`runs/a/seed-0/${name}`, bytes]))),
      zipSync(Object.fromEntries([...runs[1]].map(([name, bytes]) => [name, bytes])), { level: 0 }),
    ],
    tables: [
      "x1,x2,y1\n0.5,1,0\n1.5,2,1\n2.5,3,0\n3.5,4,1\n4.5,5,0\n",
      "a;b;klasse\r\n1,5;2;rot\r\n2,5;3;blau\r\n3,5;4;rot\r\n4,5;5;blau\r\n",
      '# note\n0 1 0\n1 "2" 1\n\n2 3 0\n3 4 1\n',
      "sep=|\n1|2|3\n4|5|6\n7|8|9\n1|2|3\n",
      `,${Array.from({ length: 30 }, (_, i) => `c${i}`).join(",")}\n${Array.from({ length: 12 }, (_, row) => `${row},${Array.from({ length: 30 }, (_, i) => (row * i) % 7).join(",")}\n`).join("")}`,
    ],
    idx: [
      {
        bytes: idx(
          [3, 2, 2],
          Uint8Array.from({ length: 12 }, (_, i) => i),
        ),
        rank: 3,
      },
      { bytes: idx([4], Uint8Array.of(0, 1, 2, 3)), rank: 1 },
      { bytes: new Uint8Array(gzipSync(idx([4], Uint8Array.of(0, 1, 2, 3)))), rank: 1 },
    ],
    addresses: [
      "#preset=moons-circles&seeds=0..3&extension=9",
      "#preset=mnist&seeds=0&samplesPerClass=300&shape=784,100,10&levels=12&target=300&maxEpochs=30&device=cpu&engine=cpu",
      "#preset=moons-circles-spirals&seeds=1,5&base=6,8,8,3&rate=0.32&extension=4&measures=density,subnetworks",
    ],
    keys: [
      "rate=0.3",
      "lr=0.01,0.001",
      "shape=4,8,2/4,16,2",
      "extension=0..6",
      "tasks=a:2:1,b:x1+x2..x4:y:mse",
      "keep=last,best",
      'tasks=[{"name":"a","inputs":[0],"targets":[1]}]',
      "measures=density,subnetworks",
      "dataset=own.csv",
    ],
    seeds: ["0..3", "1,5", "0", "[1,2]", "4294967295"],
    tasks: [
      "circles:2:1,moons:2:1",
      "a:0+1:0,b:1..3:1",
      "a:0..3:0..1:multiclass",
      '[{"name":"a","inputs":[0,2],"targets":[0]},{"name":"b","inputs":[1,3],"targets":[1]}]',
    ],
    locks: [formatLock({ host: "a", pid: 17, start: "1", boot: "b", namespace: "n" }, "token", 3)],
    checkpoints: [await writeCheckpoint(checkpointOwner, "program", checkpoint)],
    times: ['{"format":1,"adapter":"A","version":"0","cpu":"c","stepUs":{"cpu: a":1.5,"adapter: b":20}}'],
  };
}

function idx(dimensions: readonly number[], values: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + values.length);
  bytes.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((size, i) => {
    new DataView(bytes.buffer).setUint32(4 + 4 * i, size);
  });
  bytes.set(values, 4 + 4 * dimensions.length);
  return bytes;
}

/** The mask with its first bias pruned. */
function withoutBias(mask: Mask): Mask {
  const changed = mask.clone();
  changed.setBias(0, 0, false);
  return changed;
}

const smallSpec = { dataset: "moons-circles", base: [4, 4, 2], extension: 2, rate: 0.3, maxEpochs: 2 };

/** Two finished runs of moons and circles, the second with curves and trained weights. */
async function smallRuns(): Promise<FilesByPath[]> {
  const out = await mkdtemp(join(tmpdir(), "split-ticket-fuzz-"));
  try {
    const options = { device: "cpu", out } as const;
    await run({ name: "plain", spec: smallSpec }, options);
    await run(
      { name: "more", spec: { ...smallSpec, keepCurves: true, keepTrained: true, measures: ["density" as const] } },
      options,
    );
    const folders = (await readdir(out)).sort().reverse();
    return await Promise.all(folders.map((folder) => filesOf(join(out, folder, "seed-0"))));
  } finally {
    await rm(out, { recursive: true });
  }
}

async function filesOf(folder: string): Promise<FilesByPath> {
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const)),
  );
}
