import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Files } from "../../base/files.ts";
import type { DatasetAccess } from "../../dataset/access.ts";

/**
 * Access in which each pipe, such as that of `<(zcat my.csv.gz)`, is read once and kept: a run hashes its inputs before it
 * reads them, and a pipe gives its content only once.
 */
export function keepingPipes(files: Files, datasets: DatasetAccess): { files: Files; datasets: DatasetAccess } {
  const kept = new Map<string, Promise<Uint8Array>>();
  const ofPipe = async (path: string): Promise<Uint8Array | undefined> => {
    const known = kept.get(path) ?? ((await isPipe(path)) ? files.read(path) : undefined);
    if (known) kept.set(path, known);
    return known;
  };
  return {
    files: {
      ...files,
      read: async (path) => (await ofPipe(path)) ?? files.read(path),
      sha256: async (path) => {
        const content = await ofPipe(path);
        return content ? createHash("sha256").update(content).digest("hex") : files.sha256(path);
      },
    },
    datasets: {
      ...datasets,
      readFile: async (path) => (await ofPipe(path)) ?? datasets.readFile(path),
      openFile: async (path) => {
        const content = await ofPipe(path);
        return content ? { sizeBytes: content.length, pieces: onePiece(content) } : datasets.openFile(path);
      },
    },
  };
}

async function* onePiece(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

async function isPipe(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFIFO();
  } catch {
    // Reading it says why.
    return false;
  }
}
