import * as z from "zod";
import { InputError, reasonOf } from "../base/errors.ts";
import { sha256 } from "../base/sha256.ts";
import { visible } from "../base/visible.ts";
import type { Mask } from "../mask/mask.ts";
import type { Tensor } from "./dtype.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { canonicalJson } from "./spec_hash.ts";

/** The format of the checkpoints that this version writes, and the only one that it reads. */
const checkpointFormat = 1;

/** What a checkpoint belongs to: a level goes on from the checkpoint of exactly the same. */
export interface CheckpointOwner {
  /** From 0. */
  readonly level: number;
  readonly mask: Mask;
  /** Seed and settings of the level. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The state of a level in training; the store does not interpret it. */
export interface StoredCheckpoint {
  /** Name of the kernels that train the level. */
  readonly kernels: string;
  /** By name: numbers, such as the parameters. */
  readonly arrays: Readonly<
    Record<string, Float64Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>
  >;
}

/** Numbers in metadata are texts, as the format of safetensors demands. */
const metadataSchema = z.object({
  level: z.string(),
  /** SHA-256 of the mask's words, those of the biases only if some are pruned, and of the canonical JSON of the settings. */
  mask: z.string(),
  settings: z.string(),
  /** What computes. */
  program: z.string(),
  kernels: z.string(),
  /** See {@link checksumOf}. */
  checksum: z.string(),
});
type Metadata = z.infer<typeof metadataSchema>;

async function ownerMetadata({ level, mask, settings }: CheckpointOwner, program: string) {
  const words = mask.prunesBiases ? mask.allWords() : mask.words;
  return {
    level: String(level),
    mask: await sha256(new Uint8Array(words.buffer, words.byteOffset, words.byteLength)),
    settings: await sha256(canonicalJson(settings)),
    program,
  };
}

/** SHA-256 of the metadata and of the SHA-256 of every tensor. */
async function checksumOf(
  { checksum: _, ...metadata }: Omit<Metadata, "checksum"> & { checksum?: string },
  tensors: ReadonlyMap<string, Tensor>,
): Promise<string> {
  const parts: Record<string, unknown> = {};
  for (const [name, { dtype, data }] of tensors) {
    parts[name] = [dtype, await sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))];
  }
  return sha256(canonicalJson({ metadata, parts }));
}

/**
 * Writes a checkpoint as safetensors.
 * @param program identifies what computes: kernels of the same name may differ between versions
 */
export async function writeCheckpoint(
  owner: CheckpointOwner,
  program: string,
  { kernels, arrays }: StoredCheckpoint,
): Promise<Uint8Array> {
  const tensors = new Map<string, Tensor>();
  for (const [name, data] of Object.entries(arrays)) {
    const shape = [data.length];
    if (data instanceof Float64Array) tensors.set(name, { dtype: "F64", shape, data });
    else if (data instanceof Float32Array) tensors.set(name, { dtype: "F32", shape, data });
    else tensors.set(name, { dtype: "U32", shape, data });
  }
  const metadata = { ...(await ownerMetadata(owner, program)), kernels };
  const checksum = await checksumOf(metadata, tensors);
  return writeSafetensors(tensors, { format: String(checkpointFormat), ...metadata, checksum });
}

/**
 * Reads a checkpoint.
 * @param bytes the whole file
 * @returns the checkpoint, or why it is of no use to this owner, as the rest of a sentence about the file: `is damaged
 * (..)`; undefined if it is of an earlier level, which a process left behind that was killed right after its end
 */
export async function readCheckpoint(
  bytes: Uint8Array,
  owner: CheckpointOwner,
  program: string,
): Promise<StoredCheckpoint | string | undefined> {
  let content: ReturnType<typeof readSafetensors>;
  try {
    content = readSafetensors(bytes, "it");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return `is damaged (${reasonOf(error, "it")})`;
  }
  const { tensors, metadata } = content;
  const { format = "", ...others } = metadata;
  if (/^\d{1,9}$/.test(format) && Number(format) > checkpointFormat) {
    return `was made by a newer version (format ${format}, this one reads format ${checkpointFormat})`;
  }
  const checked = metadataSchema.safeParse(others);
  if (format !== String(checkpointFormat) || !checked.success) return "is damaged (it is no checkpoint)";
  const { kernels, checksum, ...found } = checked.data;
  if ((await checksumOf({ ...found, kernels }, tensors)) !== checksum) {
    return "is damaged (its checksum differs from its content)";
  }
  const wanted = await ownerMetadata(owner, program);
  if (Number(found.level) < owner.level) return undefined;
  if (found.level !== wanted.level) return `is of level ${visible(found.level)}`;
  if (found.mask !== wanted.mask) return "is of another mask";
  if (found.settings !== wanted.settings) return "is of other settings";
  if (found.program !== wanted.program) return "was made by other kernels";
  const arrays: Record<string, StoredCheckpoint["arrays"][string]> = {};
  for (const [name, { dtype, data }] of tensors) {
    if (dtype !== "F64" && dtype !== "F32" && dtype !== "U32")
      return `is damaged (tensor ${visible(name)} is ${dtype})`;
    arrays[name] = data as StoredCheckpoint["arrays"][string];
  }
  return { kernels, arrays };
}
