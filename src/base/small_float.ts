/** Layout of a float of at most 16 bits: sign, exponent, fraction. */
export interface SmallFloat {
  readonly exponentBits: number;
  readonly fractionBits: number;
  readonly bias: number;
  /**
   * What is not a number: `ieee`: the highest exponent, which includes infinities; `finite`: all other bits set; `unsigned`:
   * the bits of the negative zero.
   */
  readonly special: "ieee" | "finite" | "unsigned";
}

/** IEEE 754 binary16. */
export const binary16: SmallFloat = { exponentBits: 5, fractionBits: 10, bias: 15, special: "ieee" };

/** The value of the bits of a small float (IEEE 754 binary16; Micikevicius et al. 2022, FP8 Formats for Deep Learning). */
export function smallFloat(bits: number, { exponentBits, fractionBits, bias, special }: SmallFloat): number {
  const signBit = 1 << (exponentBits + fractionBits);
  const sign = bits & signBit ? -1 : 1;
  const magnitude = bits & (signBit - 1);
  const exponent = magnitude >>> fractionBits;
  const fraction = magnitude & ((1 << fractionBits) - 1);
  if (special === "ieee" && exponent === (1 << exponentBits) - 1) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  if (special === "finite" && magnitude === signBit - 1) return Number.NaN;
  if (special === "unsigned" && bits === signBit) return Number.NaN;
  const scale = 2 ** (1 - bias - fractionBits);
  return exponent === 0
    ? sign * fraction * scale
    : sign * (fraction + (1 << fractionBits)) * scale * 2 ** (exponent - 1);
}
