import { RandomStream } from "../base/random.ts";

/**
 * Inputs of samples that no data are needed for: independent standard normal numbers, since data are standardised. The same
 * for every ticket of a width.
 * @returns `[input * samples + sample]`
 */
export function standardInputs(width: number, samples: number): Float64Array {
  const random = new RandomStream(0, "functionInputs");
  return Float64Array.from({ length: width * samples }, () => random.nextNormal());
}
