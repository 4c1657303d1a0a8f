// How fast an adapter moves memory: a copy of one buffer to another, both far larger than its caches. No part of training;
// `split-ticket bench` holds the kernels of training against it.
//
// One invocation copies every `invocations`-th vec4f from its own on, so that neighbours touch neighbouring memory. Copies of 128 MiB by
// invocations of 16, 64, 1,024 vec4f each: 1.6, 2.3, 2.2 GB/s on SwiftShader, 8, 13, 13 on lavapipe; of f32 instead a third.
//
// Grid: x = invocations.

struct Uniforms {
  quads: u32,       // vec4f to copy
  invocations: u32, // fewer than quads: each copies several
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> originals: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copies: array<vec4f>;

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= u.invocations) {
    return;
  }
  for (var at = id.x; at < u.quads; at += u.invocations) {
    copies[at] = originals[at];
  }
}
