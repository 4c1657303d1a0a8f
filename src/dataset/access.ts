import type { IdxFile, SourceName } from "./sources.ts";

/** Reads the verified, decompressed bytes of one IDX file. */
export type IdxReader = (source: SourceName, file: IdxFile) => Promise<Uint8Array>;

/** Access to files on a platform: `node.ts` for Node, `chrome.ts` for a page. */
export interface DatasetAccess {
  /** Verified bytes of one original IDX file, decompressed. */
  readonly idxFile: IdxReader;
  /** The whole content of a user's file. Throws an InputError naming the path when it cannot be read. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}
