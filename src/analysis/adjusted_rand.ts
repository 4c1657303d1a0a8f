/**
 * The adjusted Rand index of two partitions of the same things (Hubert and Arabie, Comparing partitions, Journal of
 * Classification 1985, equation 5): 1 where they are the same, 0 in expectation where groups of the same sizes are drawn at random; it
 * can be negative. Where both have one group, or both put everything alone, they are the same: 1.
 * @param a, b the group of each thing; of one length
 */
export function adjustedRandIndex(a: readonly number[], b: readonly number[]): number {
  const pairs = (count: number) => (count * (count - 1)) / 2;
  const pairsWithin = (groups: readonly (number | string)[]) => {
    const sizes = new Map<number | string, number>();
    for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
    return [...sizes.values()].reduce((sum, size) => sum + pairs(size), 0);
  };
  const together = pairsWithin(a.map((group, thing) => `${group} ${b[thing]}`));
  const [inA, inB] = [pairsWithin(a), pairsWithin(b)];
  const expected = a.length < 2 ? 0 : (inA * inB) / pairs(a.length);
  const most = (inA + inB) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}
