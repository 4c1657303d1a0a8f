// Measures the arithmetic throughput of an adapter: fused multiply-adds in registers only. Not part of training;
// `split-ticket bench` compares the training kernels with it.
//
// One invocation computes 4 independent chains of vec4f: c <- fma(c, factor, summand). The 16 dependent sums hide the
// latency of a CPU's fused multiply-add (4 cycles on 2 ports); a GPU hides it with other invocations. The loop body
// holds 4 steps of each chain, so that the loop itself costs little. GFLOP/s by number of chains on SwiftShader /
// lavapipe, two cores: 1: 8 / 35, 2: 25 / 60, 3: 34 / 74, 4: 26 / 83, 6: 25 / 82, 8: 29 / 100 (one run each; runs
// differ by about 20 %).
// Factor and summand are read from memory, so that no compiler can compute the result in advance.
//
// Grid: x = invocations.

struct Uniforms {
  invocations: u32,
  rounds: u32, // loop iterations, 4 steps of each chain
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> factors: array<f32>;         // factor, summand
@group(0) @binding(2) var<storage, read_write> results: array<vec4f>; // [invocation] sum of its chains

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= u.invocations) {
    return;
  }
  let factor = vec4f(factors[0]);
  let summand = vec4f(factors[1]);
  // Small integers: with an integer factor and summand every step is exact.
  let first = f32(id.x % 64u);
  var a = vec4f(first, first + 1.0, first + 2.0, first + 3.0);
  var b = a + 4.0;
  var c = a + 8.0;
  var d = a + 12.0;
  for (var round = 0u; round < u.rounds; round++) {
    a = fma(a, factor, summand); b = fma(b, factor, summand); c = fma(c, factor, summand); d = fma(d, factor, summand);
    a = fma(a, factor, summand); b = fma(b, factor, summand); c = fma(c, factor, summand); d = fma(d, factor, summand);
    a = fma(a, factor, summand); b = fma(b, factor, summand); c = fma(c, factor, summand); d = fma(d, factor, summand);
    a = fma(a, factor, summand); b = fma(b, factor, summand); c = fma(c, factor, summand); d = fma(d, factor, summand);
  }
  results[id.x] = (a + b) + (c + d);
}
