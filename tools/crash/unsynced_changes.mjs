import { dirname, resolve } from "node:path";

/**
 * What a disk may lose when power fails: bytes of a file that no fsync has made durable, and names (of new, renamed and
 * removed files and folders) whose folder has had no fsync since. It takes back all of it, the worst that POSIX allows.
 */
export class UnsyncedChanges {
  /** @param files Node's own functions */
  constructor(files) {
    this.files = files;
    /** Files whose bytes are not durable. */
    this.unsynced = new Set();
    /** Changes of names, in their order: the folder that holds the name, and how to take the change back. */
    this.names = [];
  }

  /**
   * Called before a change.
   * @returns what to call once it is done
   */
  begin({ kind, path: given, from }) {
    const path = resolve(given);
    if (kind === "data") return () => this.unsynced.add(path);
    if (kind === "data synced") return () => this.unsynced.delete(path);
    if (kind === "folder synced") {
      const synced = this.names.filter(({ folder }) => folder === path);
      return () => {
        this.names = this.names.filter((change) => !synced.includes(change));
      };
    }
    const undo = this.#restore(path);
    return () => {
      this.names.push({ folder: dirname(path), undo });
      if (kind === "rename" && this.unsynced.delete(resolve(from))) this.unsynced.add(path);
    };
  }

  /** How to restore what lies at a path now. */
  #restore(path) {
    const { existsSync, statSync, readFileSync, writeFileSync, rmSync, mkdirSync } = this.files;
    if (!existsSync(path)) return () => rmSync(path, { recursive: true, force: true });
    if (statSync(path).isDirectory()) return () => mkdirSync(path, { recursive: true });
    const content = readFileSync(path);
    return () => {
      if (existsSync(dirname(path))) writeFileSync(path, content);
    };
  }

  /** Takes back all that is not durable: bytes first, then names, the last first. */
  takeBack() {
    const { existsSync, truncateSync } = this.files;
    for (const path of this.unsynced) if (existsSync(path)) truncateSync(path, 0);
    for (const { undo } of this.names.reverse()) undo();
  }
}
