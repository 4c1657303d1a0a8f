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

/** Upper estimate of the bytes of a run folder with all levels; stored masks take one byte per weight. */
export function runDiskBytes({ shape, remaining, keepTrained }: Spec): number {
  const weights = weightCount(shape);
  const biases = shape.slice(1).reduce((sum, width) => sum + width, 0);
  const head = (tensors: number) => fileHeadBytes + tensors * layerCount(shape) * tensorHeadBytes;
  const parameters = (weights + biases) * 4;
  const level = head(keepTrained ? 3 : 1) + weights + (keepTrained ? parameters : 0);
  const lines = levelLineBytes + timingLineBytes + checksumBytes;
  return head(2) + parameters + runRecordBytes + remaining.length * (level + lines);
}

/** Bytes of main memory of a run in progress, without its engine's slot: initial, trained, read and masked values. */
export function begunRunBytes({ shape }: Spec): number {
  return 4 * 4 * parameterLayout(shape).length;
}

/** Bytes of main memory of the result of a run, which is held until all runs have ended. */
export function resultBytes({ remaining }: Spec): number {
  return remaining.length * levelRecordBytes;
}
