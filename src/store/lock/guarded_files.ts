import type { Files } from "../../base/files.ts";

/**
 * Files that are changed only while a lock is held. The lock is asked first, so that a process that has lost it leaves no
 * temporary file, and again before a file is replaced, because the process may have been stopped in between.
 */
export function guardedFiles(files: Files, assertHeld: () => Promise<void>): Files {
  return {
    read: (path) => files.read(path),
    sha256: (path) => files.sha256(path),
    exists: (path) => files.exists(path),
    list: (path) => files.list(path),
    async write(path, content) {
      await assertHeld();
      try {
        await files.write(path, content, assertHeld);
      } catch (error) {
        // Who has taken over removes temporary files, which is then why the write failed.
        await assertHeld();
        throw error;
      }
    },
    async remove(path) {
      await assertHeld();
      await files.remove(path);
    },
    async makeFolder(path) {
      await assertHeld();
      await files.makeFolder(path);
    },
  };
}
