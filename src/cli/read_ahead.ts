/**
 * The results of reads in the order of their items, several at the same time, because most of a small read is waiting.
 * @param ahead reads begun before the result of the first is taken
 */
export async function* readAhead<Item, Result>(
  items: Iterable<Item>,
  ahead: number,
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const begun: Promise<Result>[] = [];
  for (const item of items) {
    const result = read(item);
    // A failure is thrown in its turn, not before.
    result.catch(() => {});
    begun.push(result);
    if (begun.length > ahead) yield begun.shift() as Promise<Result>;
  }
  yield* begun;
}
