import type { IdxFile, SourceName } from "./sources.ts";

/** Reads the verified, decompressed bytes of one IDX file. */
export type IdxReader = (source: SourceName, file: IdxFile) => Promise<Uint8Array>;

/** A file that is read piece by piece. */
export interface OpenedFile {
  readonly sizeBytes: number;
  /** Its bytes in order, to be read once. A piece is valid until the next is asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Access to files on a platform: `node.ts` for Node, `chrome.ts` for a page. */
export interface DatasetAccess {
  /** Verified bytes of one original IDX file, decompressed. */
  readonly idxFile: IdxReader;
  /** The whole content of a user's file. Throws an InputError naming the path when it cannot be read. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
  /** A user's file to be read once, piece by piece. Throws an InputError naming the path when it cannot be opened. */
  readonly openFile: (path: string) => Promise<OpenedFile>;
  /** Main memory that is free for a dataset, where it is known. */
  readonly memoryBytes?: number;
}
