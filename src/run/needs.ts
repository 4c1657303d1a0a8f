import { layerCount, weightCount } from "../base/shape.ts";
import type { Spec } from "../lottery/spec.ts";
import { parameterLayout } from "../network/parameters.ts";

/** Bytes of a safetensors file: its header without tensors, and the entry of a tensor in the header. */
const [fileHeadBytes, tensorHeadBytes] = [60, 95];
/**
 * Bytes of a line of `levels.jsonl`, of a line of `timings.jsonl`, of `run.json` without checksums, and of one
 * checksum.
 */
const [levelLineBytes, timingLineBytes, runRecordBytes, checksumBytes] = [1000, 200, 2000, 100];
/** Bytes of a level record in memory; measured: 1,360 each for 100,000 records. */
const levelRecordBytes = 2500;

/** Digits of a number in `curves.jsonl` with its comma. */
const curveValueBytes = 21;
/** Bytes of the values of an epoch in memory: two losses, and a list of score sums for each task. */
const epochBytes = (outputs: number) => 16 + outputs * 64;

/**
 * Upper estimate of the bytes of a run folder with all levels; stored masks take one byte per weight.
 * @param tasks number of tasks
 */
export function runDiskBytes({ shape, remaining, keepTrained, keepCurves, maxEpochs }: Spec, tasks: number): number {
  const weights = weightCount(shape);
  const biases = shape.slice(1).reduce((sum, width) => sum + width, 0);
  const head = (tensors: number) => fileHeadBytes + tensors * layerCount(shape) * tensorHeadBytes;
  const parameters = (weights + biases) * 4;
  const level = head(keepTrained ? 3 : 1) + weights + (keepTrained ? parameters : 0);
  const curves = keepCurves ? maxEpochs * (2 + 2 * tasks) * curveValueBytes : 0;
  const lines = levelLineBytes + timingLineBytes + checksumBytes + curves;
  return head(2) + parameters + runRecordBytes + remaining.length * (level + lines);
}

/**
 * Bytes of main memory of a run in progress, without its engine's slot: initial, trained, read and masked values, and the
 * curves of a level.
 */
export function begunRunBytes({ shape, keepCurves, maxEpochs }: Spec): number {
  const curves = keepCurves ? maxEpochs * epochBytes(shape[shape.length - 1]) : 0;
  return 4 * 4 * parameterLayout(shape).length + curves;
}

/** Bytes of main memory of the result of a run, which is held until all runs have ended. */
export function resultBytes({ remaining }: Spec): number {
  return remaining.length * levelRecordBytes;
}
