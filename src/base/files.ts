/** The content of a file that is written; text is stored in UTF-8. */
export type FileContent = Uint8Array | string;

/**
 * Access to files, independent of the platform.
 * Paths are `/`-separated and relative to the working folder or absolute. `src/store/node.ts` implements it for Node.
 */
export interface Files {
  /**
   * The whole content of a file. Throws an InputError that names the path when there is no such file or it must not be
   * read, a StorageError when the storage fails.
   */
  read(path: string): Promise<Uint8Array>;
  /** SHA-256 of a file as 64 lower-case hexadecimal digits, without holding it in memory where that can be avoided. */
  sha256(path: string): Promise<string>;
  /** True when a file or folder exists at the path; with a `/` at its end, only a folder. */
  exists(path: string): Promise<boolean>;
  /** Names (not paths) of the entries of a folder, sorted; empty when the folder does not exist. */
  list(path: string): Promise<string[]>;
  /**
   * Writes a file atomically, so that a reader sees the old or the new content: temporary name, fsync, rename.
   * Makes no folder; a device or pipe at the path is written to as it is. Throws an InputError that names the
   * path when it must not be written or its folder is not there, a StorageError when the storage is full, read-only or
   * fails.
   */
  write(path: string, content: FileContent): Promise<void>;
  /**
   * Writes several files, each as {@link write} does: first all contents under temporary names, then all renames in the
   * given order, then one fsync for each folder. A stop between two renames leaves the later files as they were.
   * @param contents by path
   * @param beforeReplacing awaited before the renames; if it throws, all files stay as they were
   */
  writeAll(contents: ReadonlyMap<string, FileContent>, beforeReplacing?: () => Promise<void>): Promise<void>;
  /** Removes a file, durably; does nothing where there is none. Throws as {@link write} does. */
  remove(path: string): Promise<void>;
  /** Makes a folder and those above it that are missing, durably. Throws as {@link write} does. */
  makeFolder(path: string): Promise<void>;
}
