import type { Files } from "../../base/files.ts";

/**
 * Files that are changed only while a lock is held: it is asked when the new content is on disk, right before it takes
 * the place of the old, because the process may have been stopped in between.
 * @param begin awaited before anything is changed; takes the lock where it is not held yet
 */
export function guardedFiles(files: Files, assertHeld: () => Promise<void>, begin?: () => Promise<void>): Files {
  const guarded: Files = {
    read: (path) => files.read(path),
    sha256: (path) => files.sha256(path),
    exists: (path) => files.exists(path),
    list: (path) => files.list(path),
    write: (path, content) => guarded.writeAll(new Map([[path, content]])),
    async writeAll(contents) {
      await begin?.();
      try {
        await files.writeAll(contents, assertHeld);
      } catch (error) {
        // Who has taken over removes temporary files, which is then why the write failed.
        await assertHeld();
        throw error;
      }
    },
    async remove(path) {
      await begin?.();
      await assertHeld();
      await files.remove(path);
    },
    async makeFolder(path) {
      await begin?.();
      await assertHeld();
      await files.makeFolder(path);
    },
  };
  return guarded;
}
