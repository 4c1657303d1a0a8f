/**
 * The files that the rooms below the two faces need, so that none of them knows the platform.
 * Paths are `/`-separated and relative to the working folder or absolute. `src/store/node.ts` is the one for Node.
 */
export interface Files {
  /** The whole content of a file. Throws an InputError that names the path when it cannot be read. */
  read(path: string): Promise<Uint8Array>;
  /** True when a file or folder is there. */
  exists(path: string): Promise<boolean>;
  /** Names (not paths) of the entries of a folder, sorted; empty when the folder is not there. */
  list(path: string): Promise<string[]>;
  /**
   * Writes a file so that a reader sees the old or the new content and nothing between: temporary name, fsync, rename.
   * Makes missing folders. Throws an InputError that names the path when the place is not writable.
   */
  write(path: string, content: Uint8Array | string): Promise<void>;
}
