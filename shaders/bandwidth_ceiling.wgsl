// Measures the memory bandwidth of an adapter: copies one buffer to another, both far larger than its caches. Not part
// of training; `split-ticket bench` compares the training kernels with it.
//
// One invocation copies every `invocations`-th vec4f from its own index on, so that neighbouring invocations access
// neighbouring memory. Copies of 128 MiB with 16, 64, 1,024 vec4f per invocation reach 1.6, 2.3, 2.2 GB/s on
// SwiftShader and 8, 13, 13 on lavapipe; copies of f32 reach a third of this.
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
