import { InputError, invariant } from "./errors.ts";

/** Something that a spec can choose by name. */
export interface RegistryEntry {
  /** As it is written in a spec: lower case, words joined by hyphens. */
  readonly name: string;
  /** What it is, in one line for help texts, the README's tables and the page. */
  readonly summary: string;
}

/**
 * All choices of one kind, such as the pruning criteria. Schema, help, README, page and error texts are made from it, so a new
 * choice is a file of its own and one line where the registry is made.
 */
export class Registry<Entry extends RegistryEntry> {
  readonly #entries: ReadonlyMap<string, Entry>;

  /**
   * @param what one choice, as error messages name it: `criterion`
   * @param entries at least one, names unique
   */
  constructor(
    readonly what: string,
    readonly entries: readonly Entry[],
  ) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    invariant(entries.length > 0 && this.#entries.size === entries.length, `${what}: no entry, or a name given twice`);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** The names as a sentence lists them: `magnitude, scaled-magnitude or random`. */
  get choice(): string {
    const { names } = this;
    return names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} or ${names[names.length - 1]}`;
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** @throws InputError that lists the names when there is no such entry */
  get(name: string): Entry {
    const entry = this.#entries.get(name);
    if (!entry) throw new InputError(`${this.what} "${name}" is not known: give ${this.choice}`);
    return entry;
  }
}
