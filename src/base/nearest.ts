/** Characters of a text that are compared: the time grows with the product of both lengths. */
const mostCompared = 80;

/** Texts in the order of their likeness to a given one: by edit distance (Levenshtein, 1966), equal ones as they were. */
export function nearestFirst(text: string, known: readonly string[]): string[] {
  const compared = (one: string) => one.slice(0, mostCompared).toLowerCase();
  const distances = new Map(known.map((one) => [one, editDistance(compared(text), compared(one))]));
  return [...known].sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0));
}

function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row.push(Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    above = row;
  }
  return above[b.length];
}
