/**
 * Asks the worker for one picture at a time: while an answer is awaited, only the latest wish is kept. A picture that is no
 * longer wanted when it comes is not shown, unless nothing newer is on its way.
 */
export class Latest<Wish> {
  #awaited: string | undefined;
  #shown: string | undefined;
  #next: { readonly key: string; readonly wish: Wish } | undefined;

  /**
   * @param fetch asks and shows
   * @param failed hears what went wrong
   */
  constructor(
    readonly fetch: (wish: Wish) => Promise<void>,
    readonly failed: (error: unknown) => void,
  ) {}

  /** @param key names what is wished; the same one twice is fetched once */
  want(key: string, wish: Wish): void {
    if (key === (this.#next?.key ?? this.#awaited ?? this.#shown)) return;
    this.#next = { key, wish };
    if (this.#awaited === undefined) void this.#go();
  }

  /** What is shown is void: the next wish is fetched whatever it is. */
  forget(): void {
    this.#shown = undefined;
    this.#next = undefined;
  }

  async #go(): Promise<void> {
    while (this.#next) {
      const { key, wish } = this.#next;
      this.#next = undefined;
      this.#awaited = key;
      try {
        await this.fetch(wish);
        this.#shown = key;
      } catch (error) {
        this.failed(error);
      }
      this.#awaited = undefined;
    }
  }
}
