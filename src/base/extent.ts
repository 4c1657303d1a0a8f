/**
 * The lowest and the highest of any number of numbers: as arguments of `Math.min`, more than some 100,000 overflow the stack.
 * @param values without NaN; of none, [Infinity, -Infinity]
 */
export function extent(values: Iterable<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
