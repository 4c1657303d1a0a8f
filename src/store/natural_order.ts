/**
 * Sort comparator for names: compares runs of digits by their value and other text by code unit, so that `net.2` comes
 * before `net.10`.
 */
export function compareNaturally(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? [];
  const partsB = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const difference = Number(partsA[i]) - Number(partsB[i]);
    if (difference) return difference;
    if (Number.isNaN(difference) && partsA[i] !== partsB[i]) return partsA[i] < partsB[i] ? -1 : 1;
  }
  return partsA.length - partsB.length;
}
