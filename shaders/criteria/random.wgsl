// Criterion random: 31 random bits of (seed, level, index).   Needs shared/philox.

const purpose_random_pruning = 6u;

fn rank_keys(weights: vec4f, index: vec4u) -> vec4u {
  var keys = vec4u();
  for (var lane = 0u; lane < 4u; lane++) {
    keys[lane] = philox4x32(vec4u(index[lane], u.level, 0u, 0u), vec2u(u.seed, purpose_random_pruning)).x >> 1u;
  }
  return keys;
}
