import { canShareMemory, isShared, shareableBuffer } from "../../base/buffers.ts";
import type { Dataset, Split } from "../../dataset/dataset.ts";

/**
 * A dataset in memory that all threads share: what lies there already is not copied. If threads cannot share memory, it stays
 * where it is. A test split, which threads do not need, is left out.
 */
export function sharedDataset({ test: _, ...dataset }: Dataset): Dataset {
  if (!canShareMemory) return dataset;
  const { train, validation, mean, scale } = dataset;
  return {
    ...dataset,
    train: sharedSplit(train),
    validation: sharedSplit(validation),
    mean: shared(mean),
    scale: shared(scale),
  };
}

function sharedSplit({ samples, features, labels }: Split): Split {
  return {
    samples,
    features: shared<Float32Array | Uint8Array>(features),
    labels: shared(labels),
  };
}

function shared<Data extends Uint8Array | Uint32Array | Float32Array>(data: Data): Data {
  if (isShared(data)) return data;
  const kind = data.constructor as new (buffer: ArrayBufferLike) => Data;
  const copy = new kind(shareableBuffer(data.byteLength));
  copy.set(data);
  return copy;
}
