/**
 * What `play` finds in the middle of a level. A thread that trains may reach its last epoch before the question reaches it,
 * since a loaded machine may hold the asking thread back for any time: the level is then played anew with four times the epochs.
 *
 * @param epochs of the first level; at least 1
 * @param play trains a level of the given epochs; undefined where the level ended before it could be asked
 * @throws {Error} if six levels ended too early
 */
export async function longEnough<T>(epochs: number, play: (epochs: number) => Promise<T | undefined>): Promise<T> {
  const tried: number[] = [];
  for (let length = epochs; tried.length < 6; length *= 4) {
    const found = await play(length);
    if (found !== undefined) return found;
    tried.push(length);
  }
  throw new Error(`levels of ${tried.join(", ")} epochs ended before they could be asked`);
}
