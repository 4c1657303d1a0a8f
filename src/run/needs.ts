import { layerCount, weightCount } from "../base/shape.ts";
import type { Spec } from "../lottery/spec.ts";
import { parameterLayout } from "../network/parameters.ts";

/** Of a safetensors file: its head, and a tensor's entry in it. */
const [fileHeadBytes, tensorHeadBytes] = [60, 95];
/** Of a line of `levels.jsonl` and one of `timings.jsonl`, and of `run.json` without its checksums and with one of them. */
const [levelLineBytes, timingLineBytes, runRecordBytes, checksumBytes] = [700, 200, 1000, 100];
/** Of a level's record while the process lives: 100,000 of them were measured at 1,000 each. */
const levelRecordBytes = 1500;

/** Bytes of one run's folder if it goes through all its levels, some too many; masks take a byte a weight there. */
export function runDiskBytes({ shape, remaining, keepTrained }: Spec): number {
  const weights = weightCount(shape);
  const biases = shape.slice(1).reduce((sum, width) => sum + width, 0);
  const head = (tensors: number) => fileHeadBytes + tensors * layerCount(shape) * tensorHeadBytes;
  const parameters = (weights + biases) * 4;
  const level = head(keepTrained ? 3 : 1) + weights + (keepTrained ? parameters : 0);
  const lines = levelLineBytes + timingLineBytes + checksumBytes;
  return head(2) + parameters + runRecordBytes + remaining.length * (level + lines);
}

/** Bytes that a run takes in main memory while it is begun, its engine's slot aside: initial, trained, read and masked values. */
export function begunRunBytes({ shape }: Spec): number {
  return 4 * 4 * parameterLayout(shape).length;
}

/** Bytes that what became of a run takes in main memory until the end. */
export function resultBytes({ remaining }: Spec): number {
  return remaining.length * levelRecordBytes;
}
