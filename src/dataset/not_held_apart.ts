/** Samples that are looked at. */
const comparedSamples = 4096;

/**
 * Says which two values of a column are one number in f32 though they are apart: by more than a thousandth of the range of
 * the values that are looked at.
 * @param at finite value of a sample
 * @returns undefined if there are none
 */
export function notHeldApart(samples: number, at: (sample: number) => number): string | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [low, high] = [0, 0];
  const ends = new Map<number, readonly [low: number, high: number]>();
  for (let sample = 0; sample < Math.min(samples, comparedSamples); sample++) {
    const value = at(sample);
    [least, most] = [Math.min(least, value), Math.max(most, value)];
    const rounded = Math.fround(value);
    const [first, last] = ends.get(rounded) ?? [value, value];
    const own = [Math.min(first, value), Math.max(last, value)] as const;
    ends.set(rounded, own);
    if (own[1] - own[0] > high - low) [low, high] = own;
  }
  return high - low > (most - least) / 1000 ? `${low} and ${high} are the same number in f32` : undefined;
}
