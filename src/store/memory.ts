import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { sha256 } from "../base/sha256.ts";

/** Files in memory, by path; `.` is the folder of paths without one. A page stores its runs here until they are downloaded. */
export class MemoryFiles implements Files {
  readonly #contents = new Map<string, Uint8Array>();

  /** @param contents initial files, not copied */
  constructor(contents: Iterable<readonly [string, Uint8Array]> = []) {
    for (const [path, content] of contents) this.#contents.set(path, content);
  }

  /** All files, sorted by path. */
  entries(): [string, Uint8Array][] {
    return [...this.#contents].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Removes every file. */
  clear(): void {
    this.#contents.clear();
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
    return this.#contents.has(inFolder(path)) || this.#below(path.replace(/\/$/, "")).length > 0;
  }

  async list(path: string): Promise<string[]> {
    return [...new Set(this.#below(path).map((rest) => rest.split("/")[0]))].sort();
  }

  async write(path: string, content: Uint8Array | string): Promise<void> {
    this.#contents.set(inFolder(path), typeof content === "string" ? new TextEncoder().encode(content) : content);
  }

  /** Paths of the files in a folder, relative to it. */
  #below(folder: string): string[] {
    const start = folder === "." ? "" : `${inFolder(folder)}/`;
    return [...this.#contents.keys()].flatMap((path) => (path.startsWith(start) ? [path.slice(start.length)] : []));
  }
}

/** A path without the `.` that stands for the folder itself. */
function inFolder(path: string): string {
  return path.replace(/^\.\//, "");
}
