// Criterion scaled-magnitude: |w| times the layer's factor (src/pruning/criteria/scaled_magnitude.ts). Adapters may
// round a product below 2^-126 to 0.

fn rank_keys(weights: vec4f, index: vec4u) -> vec4u {
  return bitcast<vec4u>(abs(weights) * u.scale);
}
