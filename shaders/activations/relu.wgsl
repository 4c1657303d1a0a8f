// max(z, 0), except that NaN stays NaN: max may return its other argument, so that a diverged network would have finite
// losses. The bits of the numbers from -0 to -infinity follow those of the sign alone; the bits of NaN do not.
fn activated(z: vec4f) -> vec4f {
  return select(z, vec4f(), bitcast<vec4u>(z) - vec4u(0x80000000u) <= vec4u(0x7f800000u));
}

// The gradient at 0 is 0.
fn passed_back(gradient: vec4f, x: vec4f) -> vec4f {
  return select(gradient, vec4f(), x <= vec4f());
}
