// What weights are ranked by: the bits of |w| (which order as the values do), or random bits as a control.
// Needs shared/philox.

const purpose_random_pruning = 6u;

// Four weights at a time, 31 bits each. criterion: 0 magnitude, 1 random by (seed, level, index).
fn rank_bits(weights: vec4f, index: vec4u, criterion: u32, seed: u32, level: u32) -> vec4u {
  var ranks = bitcast<vec4u>(weights) & vec4u(0x7fffffffu);
  // A loop of no turns, not an if: SwiftShader goes through both sides of an if under a mask, and Philox is the dearer one.
  let random_lanes = select(0u, 4u, criterion == 1u);
  for (var lane = 0u; lane < random_lanes; lane++) {
    ranks[lane] = philox4x32(vec4u(index[lane], level, 0u, 0u), vec2u(seed, purpose_random_pruning)).x >> 1u;
  }
  return ranks;
}

// Which of four weights a mask word keeps, from bit `first_bit` on.
fn kept_lanes(word: u32, first_bit: u32) -> vec4<bool> {
  return ((vec4u(word) >> (vec4u(0u, 1u, 2u, 3u) + first_bit)) & vec4u(1u)) == vec4u(1u);
}
