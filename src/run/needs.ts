import { biasCount, layerCount, weightCount } from "../base/shape.ts";
import { residentMostEdges } from "../engine/adapter/cost.ts";
import type { AdapterPlan } from "../engine/adapter/plan.ts";
import { curveEntries } from "../engine/shared/curves.ts";
import { rewindOf } from "../lottery/rewind.ts";
import type { Spec } from "../lottery/spec.ts";
import { parameterLayout } from "../network/parameters.ts";

/** Bytes of a safetensors file: its header without tensors, and the entry of a tensor in the header. */
const [fileHeadBytes, tensorHeadBytes] = [60, 95];
/**
 * Bytes of a line of `levels.jsonl`, of a line of `timings.jsonl`, of `run.json` without checksums, and of the checksums
 * of a level: of its file, and of its lines.
 */
const [levelLineBytes, timingLineBytes, runRecordBytes, checksumBytes] = [1000, 200, 2000, 150];
/** Bytes of a level record in memory, measured: 1,360 each for 100,000 records; and of its line while the run trains. */
const levelRecordBytes = 2500;

/** Digits of a number in `curves.jsonl` with its comma. */
const curveValueBytes = 21;
/** Bytes of the values of an evaluation in memory: two losses, and a list of score sums for each task. */
const evaluationBytes = (outputs: number) => 16 + outputs * 64;

/** Bytes that a file system gives to a file at once. */
const blockBytes = 4096;
const onDisk = (bytes: number) => Math.ceil(bytes / blockBytes) * blockBytes;

/** What the folder of a run takes on the disk. */
export interface RunDisk {
  /** Upper estimate of its bytes with all levels. */
  readonly bytes: number;
  /** Upper estimate of what is still to be written after some finished levels. */
  readonly bytesAfter: (finished: number) => number;
  /** Bytes that are there for a moment: the files that replace others, and the state of a level in training. */
  readonly passingBytes: number;
}

/**
 * Upper estimate of a run folder on the disk, its files rounded up to whole blocks; stored masks take one byte per weight, and per bias where
 * biases are pruned.
 * @param tasks number of tasks
 * @param samples number of training samples
 */
export function runDisk(spec: Spec, tasks: number, samples: number): RunDisk {
  const { shape, remaining, keepTrained } = spec;
  const weights = weightCount(shape);
  const biases = biasCount(shape);
  const head = (tensors: number) => fileHeadBytes + tensors * layerCount(shape) * tensorHeadBytes;
  const parameters = (weights + biases) * 4;
  const levels = remaining.length;
  const biasMasks = spec.prunable ? head(1) - head(0) + biases : 0;
  const level = onDisk(head(keepTrained ? 3 : 1) + weights + biasMasks + (keepTrained ? parameters : 0));
  const curves = curveEntries(spec, samples) * (3 + 2 * tasks) * curveValueBytes;
  const lines = [levelLineBytes, timingLineBytes, curves];
  const linesOf = (count: number) => lines.reduce((sum, bytes) => sum + onDisk(count * bytes), 0);
  const starts = "count" in rewindOf(spec) ? 2 : 1;
  const first = starts * onDisk(head(2) + parameters) + onDisk(runRecordBytes + levels * checksumBytes);
  const bytesAfter = (finished: number) =>
    (finished === 0 ? first : 0) + (levels - finished) * level + linesOf(levels) - linesOf(finished);
  return {
    bytes: bytesAfter(0),
    bytesAfter,
    // The files that a level replaces; and weights, two moments and the best weights of a level in training, while new
    // ones replace them.
    passingBytes: level + linesOf(levels) + 2 * 4 * parameters,
  };
}

/**
 * Bytes of main memory of a run in progress, without its engine's slot: initial, trained, read and masked values, those that
 * levels start from where these are others, and the curves of a level.
 * @param samples number of training samples
 */
export function begunRunBytes(spec: Spec, samples: number): number {
  const { shape } = spec;
  const curves = curveEntries(spec, samples) * evaluationBytes(shape[shape.length - 1]);
  const values = rewindOf(spec).to === "initial" ? 4 : 5;
  return values * 4 * parameterLayout(shape).length + curves;
}

/** Bytes of main memory of a checkpoint while it is stored: parameters, moments and best parameters, and their file. */
export function checkpointBytes({ shape }: Spec): number {
  return 2 * 4 * 4 * parameterLayout(shape).length;
}

/** Bytes on the heap of JavaScript of the result of a run, which is held until all runs have ended. */
export function resultBytes({ remaining }: Spec): number {
  return remaining.length * levelRecordBytes;
}

/**
 * Bytes of main memory in which the driver of a software adapter compiles kernels and keeps them, with Dawn's own and what
 * a longer script leaves on the heap; measured on SwiftShader, beyond what the open device takes. The resident kernel is
 * one large shader.
 */
const [compiledResidentBytes, compiledTiledBytes] = [475e6, 215e6];

/** Bytes of main memory that a software adapter takes at most for the kernels that train the levels of some specs. */
export function compiledKernelsBytes({ dataset, crossovers }: AdapterPlan, specs: readonly Spec[]): number {
  let [areResident, areTiled] = [false, false];
  for (const { shape, batch, remaining, prunable } of specs) {
    // Of the kept parameters, as many may be biases.
    const biases = prunable ? biasCount(shape) : 0;
    const most = residentMostEdges(shape, Math.min(batch, dataset.train.samples), crossovers.software);
    areResident ||= remaining.some((kept) => kept - biases <= most);
    areTiled ||= remaining.some((kept) => kept > most);
  }
  return (areResident ? compiledResidentBytes : 0) + (areTiled ? compiledTiledBytes : 0);
}
