import { basename, dirname } from "node:path";
import type { ImageSets } from "../../dataset/image_set_index.ts";
import { type ListedFile, type LocateOptions, listLocal, locate, type Place } from "../../dataset/node.ts";
import { type SourceName, sources } from "../../dataset/sources.ts";
import { openInside, type ServedFile } from "./served_file.ts";

/** Where the page may let the server look: downloading a Debian package is left to `split-ticket data`. */
const placesForPage: readonly Place[] = ["cache", "npm", "system", "mirror"];

/** Finds the original files of the image sets on this machine, and fetches a set when it is told to. */
export class ImageFiles {
  readonly #options: LocateOptions;
  readonly #listings = new Map<SourceName, Promise<ListedFile[]>>();
  readonly #fetches = new Map<SourceName, Promise<void>>();
  #last: Promise<void> = Promise.resolve();

  constructor(options: LocateOptions) {
    this.#options = options;
  }

  /** Size of each image set, and whether it is on this machine or must be fetched first. */
  async index(): Promise<ImageSets> {
    const entries: [string, ImageSets[string]][] = [];
    for (const source of Object.keys(sources) as SourceName[]) entries.push([source, await this.#entry(source)]);
    return Object.fromEntries(entries);
  }

  async #entry(source: SourceName): Promise<ImageSets[string]> {
    const files = await this.#list(source);
    return {
      sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      isHere: files.every(({ verified }) => verified),
    };
  }

  /** Opens an original file that is on this machine; undefined where it is not. Nothing is fetched. */
  async open(source: string, file: string): Promise<ServedFile | undefined> {
    if (!Object.hasOwn(sources, source)) return undefined;
    const listed = (await this.#list(source as SourceName)).find((one) => one.file === file);
    if (listed?.path === undefined) return undefined;
    const opened = await openInside(dirname(listed.path), basename(listed.path));
    // It has been removed since it was verified.
    if (opened === undefined) this.#listings.delete(source as SourceName);
    return opened;
  }

  /**
   * Fetches a set from its mirrors, unless it is here. One set is fetched at a time; a second request for a set waits
   * for the first.
   * @throws InputError or StorageError that says what was tried
   */
  fetch(source: SourceName): Promise<void> {
    const running = this.#fetches.get(source);
    if (running) return running;
    const fetching = this.#last.then(async () => {
      await locate(source, { ...this.#options, places: this.#options.places ?? placesForPage });
    });
    this.#fetches.set(source, fetching);
    const end = () => {
      this.#fetches.delete(source);
      this.#listings.delete(source);
    };
    this.#last = fetching.then(end, end);
    return fetching;
  }

  /** Files of a set; all are verified once, and again after a set was incomplete. */
  #list(source: SourceName): Promise<ListedFile[]> {
    const known = this.#listings.get(source);
    if (known) return known;
    const listing = listLocal(source, this.#options);
    this.#listings.set(source, listing);
    const forget = () => {
      if (this.#listings.get(source) === listing) this.#listings.delete(source);
    };
    listing.then((files) => files.every(({ verified }) => verified) || forget(), forget);
    return listing;
  }
}
