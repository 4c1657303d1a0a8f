import { InputError, invariant } from "./errors.ts";

/** Something that a spec can choose by name. */
export interface RegistryEntry {
  /** Name in a spec: lower case, words joined by hyphens. */
  readonly name: string;
  /** Description in one line, for help texts, the README's tables and the page. */
  readonly summary: string;
}

/**
 * All choices of one kind, such as the pruning criteria. Schema, help, README, page and error texts are generated from
 * it, so a new choice is one new file and one line where the registry is created.
 */
export class Registry<Entry extends RegistryEntry> {
  readonly #entries: ReadonlyMap<string, Entry>;

  /**
   * @param what name of one choice in error messages: `criterion`
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

  /** The names as a list for a sentence: `magnitude, scaled-magnitude or random`. */
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
