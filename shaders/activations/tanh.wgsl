// Hyperbolic tangent. Near 0: the odd polynomial of the Cephes library (Moshier 1989, single precision). Elsewhere:
// (1 - e) / (1 + e) with e = exp(-2 |z|), which cannot overflow. WGSL's own tanh may compute exp(2 z), which can.
fn activated(z: vec4f) -> vec4f {
  let size = abs(z);
  let square = z * z;
  var p = fma(square, vec4f(-5.70498872745e-3), vec4f(2.06390887954e-2));
  p = fma(p, square, vec4f(-5.37397155531e-2));
  p = fma(p, square, vec4f(1.33314422036e-1));
  p = fma(p, square, vec4f(-3.33332819422e-1));
  let near = fma(p * square, z, z);
  let e = exp(-2.0 * size);
  let far = sign(z) * ((1.0 - e) / (1.0 + e));
  return select(far, near, size < vec4f(0.625));
}

fn passed_back(gradient: vec4f, x: vec4f) -> vec4f {
  return gradient * fma(-x, x, vec4f(1.0));
}
