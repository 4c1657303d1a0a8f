/**
 * Whether no value is NaN or infinite, which have all bits of the exponent.
 * @param count a multiple of 4
 */
export function areFinite(values: usize, count: u32): bool {
  const exponent = i32x4.splat(0x7f800000);
  let found = i32x4.splat(0);
  for (const end = values + (<usize>count << 2); values < end; values += 16) {
    found = v128.or(found, i32x4.eq(v128.and(v128.load(values), exponent), exponent));
  }
  return !v128.any_true(found);
}
