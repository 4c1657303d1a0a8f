import { createHash } from "node:crypto";
import type { MemoryFiles } from "../../src/store/memory.ts";
import { readSafetensors } from "../../src/store/safetensors.ts";

/** Content of two sets of runs, compared by kind. */
export interface Compared {
  readonly what: string;
  /** SHA-256 over all parts, in order, of each side. */
  readonly sums: readonly [string, string];
  readonly parts: number;
  /** Names of the parts that differ or are missing on one side, in order. */
  readonly differing: readonly string[];
}

type Parts = ReadonlyMap<string, Uint8Array>;

/** A kind's parts of a file, by name; none where the file has none. */
type Kind = (path: string, content: Uint8Array) => (readonly [string, Uint8Array])[];

const isLevel = (path: string) => /\/level-\d+\.safetensors$/.test(path);

const kinds: Readonly<Record<string, Kind>> = {
  "initial weights": (path, content) => (path.endsWith("/init.safetensors") ? [[path, content]] : []),
  masks: (path, content) => {
    if (!isLevel(path)) return [];
    const masks = [...readSafetensors(content, path).tensors].filter(([name]) => name.endsWith(".weight_mask"));
    return masks.map(
      ([name, { data }]) => [`${path} ${name}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] as const,
    );
  },
  "masks and trained weights": (path, content) => (isLevel(path) ? [[path, content]] : []),
  "levels.jsonl": (path, content) => (path.endsWith("/levels.jsonl") ? [[path, content]] : []),
};

/** Compares what spec and adapter decide in two sets of run folders that were written below the same path. */
export function compareRuns(first: MemoryFiles, second: MemoryFiles): Compared[] {
  return Object.entries(kinds).map(([what, kind]) => {
    const parts = [first, second].map((files) => new Map(files.entries().flatMap(([path, all]) => kind(path, all))));
    const names = [...new Set(parts.flatMap((side) => [...side.keys()]))].sort();
    const isSame = (name: string) => {
      const [one, other] = parts.map((side) => side.get(name));
      return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
    };
    return {
      what,
      sums: [digest(parts[0]), digest(parts[1])],
      parts: names.length,
      differing: names.filter((name) => !isSame(name)),
    };
  });
}

function digest(parts: Parts): string {
  const hash = createHash("sha256");
  for (const [name, content] of parts) hash.update(`\0${name}\0`).update(content);
  return hash.digest("hex");
}

/** A comparison in a line. */
export function describeComparison({ what, sums, parts, differing }: Compared): string {
  const [first, second] = sums.map((sum) => sum.slice(0, 16));
  const verdict =
    differing.length === 0
      ? `${parts} parts, same bytes`
      : `${differing.length} of ${parts} parts differ, the first is ${differing[0]}`;
  return `${what}: sha256 ${first} in the browser, ${second} in Node: ${verdict}`;
}
