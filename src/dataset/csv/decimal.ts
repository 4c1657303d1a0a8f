/** Powers of ten that float64 holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** 2^27 + 1: splits a float64 into two halves of 26 bits (Veltkamp). */
const splitter = 134217729;

/**
 * The float64 nearest to `(high * 10^lowDigits + low) * 10^exponent`, as `Number` rounds it, or NaN where this method
 * cannot tell: then the text must go to `Number`.
 *
 * Up to 15 digits and a power within 10^22 are exact, so that one operation rounds once (Clinger, "How to read floating
 * point numbers accurately", 1990). Longer digits are the sum of two float64 without error (Dekker, "A floating-point
 * technique for extending the available precision", 1971); the quotient or product by the power is then known to about
 * 100 bits, and is taken where all values within that error round to the same float64.
 * @param high the first 15 digits at most, an integer
 * @param low up to 4 further digits, an integer
 * @param lowDigits number of further digits, 0 to 4
 */
export function decimalNumber(high: number, low: number, lowDigits: number, exponent: number): number {
  if (exponent < -22 || exponent > 22) return high === 0 && low === 0 ? 0 : Number.NaN;
  if (lowDigits === 0) return exponent < 0 ? high / powers[-exponent] : high * powers[exponent];
  // digits = sum + rest exactly.
  const scaled = high * powers[lowDigits];
  const sum = scaled + low;
  const rest = productError(high, powers[lowDigits], scaled) + (low - (sum - scaled));
  let value: number;
  let correction: number;
  if (exponent < 0) {
    const power = powers[-exponent];
    value = sum / power;
    const product = value * power;
    correction = (sum - product - productError(value, power, product) + rest) / power;
  } else {
    const power = powers[exponent];
    value = sum * power;
    correction = productError(sum, power, value) + rest * power;
  }
  // The error of the correction is far below 2^-95 of the value.
  const error = value * 2 ** -95;
  const result = value + (correction - error);
  return result === value + (correction + error) ? result : Number.NaN;
}

/** a * b - product, exactly (Dekker's product), for a product that neither overflows nor underflows. */
function productError(a: number, b: number, product: number): number {
  const scaledA = splitter * a;
  const highA = scaledA - (scaledA - a);
  const lowA = a - highA;
  const scaledB = splitter * b;
  const highB = scaledB - (scaledB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a text writes; NaN if it writes none. */
export function numberIn(text: string, decimalMark: string): number {
  const isComma = decimalMark === ",";
  const plain = isComma ? text.replace(",", ".") : text;
  return number.test(plain) && !(isComma && text.includes(".")) ? Number(plain) : Number.NaN;
}
