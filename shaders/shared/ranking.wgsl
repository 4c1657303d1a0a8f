// What weights are ranked by: the bits of |w| (which order as the values do), or random bits as a control.
// Needs shared/philox.

const purpose_random_pruning = 6u;

// 31 bits. criterion: 0 magnitude, 1 random by (seed, level, index).
fn rank_bits(weight: f32, index: u32, criterion: u32, seed: u32, level: u32) -> u32 {
  if (criterion == 0u) {
    return bitcast<u32>(weight) & 0x7fffffffu;
  }
  return philox4x32(vec4u(index, level, 0u, 0u), vec2u(seed, purpose_random_pruning)).x >> 1u;
}
