// log(1 + e) for e >= 0: near 0 a series avoids the rounding error of 1 + e.
fn log_one_plus(e: vec4f) -> vec4f {
  return select(log(1.0 + e), e * fma(-e, fma(-e, vec4f(1.0 / 3.0), vec4f(0.5)), vec4f(1.0)), e < vec4f(0.01));
}
