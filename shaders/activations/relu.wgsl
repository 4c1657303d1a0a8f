fn activated(z: vec4f) -> vec4f {
  return max(z, vec4f());
}

// The gradient at 0 is 0.
fn passed_back(gradient: vec4f, x: vec4f) -> vec4f {
  return select(vec4f(), gradient, x > vec4f());
}
