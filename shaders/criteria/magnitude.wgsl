// Criterion magnitude: |w|. Its bits have the same order as its values.

fn rank_keys(weights: vec4f, index: vec4u) -> vec4u {
  return bitcast<vec4u>(weights) & vec4u(0x7fffffffu);
}
