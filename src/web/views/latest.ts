/**
 * Asks the worker for one picture at a time: while an answer is pending, only the latest request is kept.
 */
export class Latest<Request> {
  #awaited: string | undefined;
  #shown: string | undefined;
  #next: { readonly key: string; readonly request: Request } | undefined;

  /**
   * @param fetch asks for a picture and shows it
   * @param failed receives errors
   */
  constructor(
    readonly fetch: (request: Request) => Promise<void>,
    readonly failed: (error: unknown) => void,
  ) {}

  /** @param key identifies the picture; a picture that is shown or pending is not fetched again */
  want(key: string, request: Request): void {
    if (key === (this.#next?.key ?? this.#awaited ?? this.#shown)) return;
    this.#next = { key, request };
    if (this.#awaited === undefined) void this.#go();
  }

  /** Discards what is shown and requested: the next picture is fetched in any case. */
  forget(): void {
    this.#shown = undefined;
    this.#next = undefined;
  }

  async #go(): Promise<void> {
    while (this.#next) {
      const { key, request } = this.#next;
      this.#next = undefined;
      this.#awaited = key;
      try {
        await this.fetch(request);
        this.#shown = key;
      } catch (error) {
        this.failed(error);
      }
      this.#awaited = undefined;
    }
  }
}
