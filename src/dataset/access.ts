import type { IdxFile, SourceName } from "./sources.ts";

/** Brings the verified, decompressed bytes of one IDX file. */
export type IdxReader = (source: SourceName, file: IdxFile) => Promise<Uint8Array>;

/** How files are reached on a platform; `node.ts` has Node's, `chrome.ts` a page's. */
export interface DatasetAccess {
  /** Verified bytes of one original IDX file, decompressed. */
  readonly idxFile: IdxReader;
  /** The whole content of a file of the user's. Throws an InputError naming the path when it cannot be read. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}
