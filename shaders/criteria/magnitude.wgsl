// Criterion magnitude: |w|, whose bits order as the values do.

fn rank_keys(weights: vec4f, index: vec4u) -> vec4u {
  return bitcast<vec4u>(weights) & vec4u(0x7fffffffu);
}
