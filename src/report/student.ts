/** The 97.5 % points of Student's distribution with 1 to 4 degrees of freedom. */
const few = [12.706204736, 4.30265273, 3.182446305, 2.776445105];

/** The 97.5 % point of the normal distribution: bounds of a 95 % interval. */
export const normalQuantile = 1.959963984540054;

/**
 * The 97.5 % point of Student's distribution. From five degrees of freedom on by the expansion of Abramowitz and Stegun
 * 26.7.5, which is off by less than a thousandth there.
 * @param degrees of freedom, from 1
 */
export function studentQuantile(degrees: number): number {
  if (degrees <= few.length) return few[degrees - 1];
  const z = normalQuantile;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3) +
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92160 * degrees ** 4)
  );
}
