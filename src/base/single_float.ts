/** Smallest positive f32 that is normal: a device may take smaller ones for 0. */
export const leastFloat = 2 ** -126;
/** Largest finite f32. */
export const mostFloat = (2 - 2 ** -23) * 2 ** 127;

/** Whether a number stays what it is for a device, but for rounding: 0 stays 0, others neither become 0 nor infinite. */
export function fitsFloat(value: number): boolean {
  const rounded = Math.abs(Math.fround(value));
  return value === 0 || (rounded >= leastFloat && rounded <= mostFloat);
}
