// The sample order of an epoch, four positions at a time: the keyed permutation of src/base/random.ts (permutedIndex).

const rounds: u32 = 8;

@inline
function permuted(value: v128, halfBits: i32, halfMask: v128, keys: usize): v128 {
  let left = i32x4.shr_u(value, halfBits);
  let right = v128.and(value, halfMask);
  for (let round: u32 = 0; round < rounds; round++) {
    let mixed = i32x4.mul(v128.xor(right, v128.load32_splat(keys + (round << 2))), i32x4.splat(0x85ebca6b));
    mixed = i32x4.mul(v128.xor(mixed, i32x4.shr_u(mixed, 15)), i32x4.splat(0xc2b2ae35));
    mixed = v128.xor(mixed, i32x4.shr_u(mixed, 13));
    const next = v128.and(v128.xor(left, mixed), halfMask);
    left = right;
    right = next;
  }
  return v128.or(i32x4.shl(left, halfBits), right);
}

/**
 * Writes the sample of each position of an epoch: `count` samples, rounded up to a multiple of 4 entries.
 * @param keys 8 words, one per round of the Feistel network
 */
export function sampleOrder(order: usize, count: u32, halfBits: i32, keys: usize): void {
  const halfMask = i32x4.splat((1 << halfBits) - 1);
  const counts = i32x4.splat(count);
  for (let position: u32 = 0; position < count; position += 4) {
    const positions = i32x4.add(i32x4.splat(position), i32x4(0, 1, 2, 3));
    // A cycle from a position past the end may contain no sample, so such positions use the last valid position.
    let value = permuted(i32x4.min_u(positions, i32x4.splat(count - 1)), halfBits, halfMask, keys);
    let outside = i32x4.ge_u(value, counts);
    while (v128.any_true(outside)) {
      value = v128.bitselect(permuted(value, halfBits, halfMask, keys), value, outside);
      outside = i32x4.ge_u(value, counts);
    }
    v128.store(order + (<usize>position << 2), value);
  }
}
