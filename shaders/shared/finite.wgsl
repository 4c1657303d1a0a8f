// Tests for NaN and infinities by the exponent's bits: a compiler may assume that neither occurs, and then drops
// comparisons such as x != x.

const exponent_bits = 0x7f800000u;

fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & exponent_bits) != exponent_bits;
}

fn are_finite(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(exponent_bits)) != vec4u(exponent_bits);
}
