import { InputError } from "../base/errors.ts";
import type { FileContent, Files } from "../base/files.ts";
import { sha256 } from "../base/sha256.ts";

/** Files in memory, by path; `.` is the folder of paths without one. A page stores its runs here until they are downloaded. */
export class MemoryFiles implements Files {
  readonly #contents = new Map<string, Uint8Array>();
  /** Folders without a `/` at their end; `.` is always there. */
  readonly #folders = new Set<string>();

  /** @param contents initial files, not copied; their folders are made */
  constructor(contents: Iterable<readonly [string, Uint8Array]> = []) {
    for (const [path, content] of contents) {
      this.#contents.set(path, content);
      this.#addFolder(folderOf(path));
    }
  }

  /** All files, sorted by path. */
  entries(): [string, Uint8Array][] {
    return [...this.#contents].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Removes every file and folder. */
  clear(): void {
    this.#contents.clear();
    this.#folders.clear();
  }

  async read(path: string): Promise<Uint8Array> {
    const content = this.#contents.get(inFolder(path));
    if (!content) throw new InputError(`${path}: there is no such file`);
    return content;
  }

  async sha256(path: string): Promise<string> {
    return sha256(await this.read(path));
  }

  async exists(path: string): Promise<boolean> {
    const place = inFolder(path);
    return this.#contents.has(place) || this.#hasFolder(place.replace(/\/$/, ""));
  }

  async list(path: string): Promise<string[]> {
    return [...new Set(this.#below(path).map((rest) => rest.split("/")[0]))].sort();
  }

  write(path: string, content: FileContent): Promise<void> {
    return this.writeAll(new Map([[path, content]]));
  }

  async writeAll(contents: ReadonlyMap<string, FileContent>, beforeReplacing?: () => Promise<void>): Promise<void> {
    for (const path of contents.keys()) {
      if (!this.#hasFolder(folderOf(inFolder(path))))
        throw new InputError(`cannot write ${path}: there is no such folder`);
    }
    await beforeReplacing?.();
    for (const [path, content] of contents) {
      this.#contents.set(inFolder(path), typeof content === "string" ? new TextEncoder().encode(content) : content);
    }
  }

  async remove(path: string): Promise<void> {
    this.#contents.delete(inFolder(path));
  }

  async makeFolder(path: string): Promise<void> {
    this.#addFolder(inFolder(path).replace(/\/$/, ""));
  }

  #hasFolder(folder: string): boolean {
    return folder === "." || this.#folders.has(folder);
  }

  #addFolder(folder: string): void {
    if (this.#hasFolder(folder) || folder === "") return;
    this.#folders.add(folder);
    this.#addFolder(folderOf(folder));
  }

  /** Paths of the files and folders in a folder, relative to it. */
  #below(folder: string): string[] {
    const start = folder === "." ? "" : `${inFolder(folder)}/`;
    return [...this.#contents.keys(), ...this.#folders].flatMap((path) =>
      path.startsWith(start) ? [path.slice(start.length)] : [],
    );
  }
}

/** A path without the `.` that stands for the folder itself. */
function inFolder(path: string): string {
  return path.replace(/^\.\//, "");
}

/** The folder of a file or folder; `.` for a name without a folder. */
function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end);
}
