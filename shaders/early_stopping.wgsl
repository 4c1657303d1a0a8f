// Closes an epoch of every network (shared/close_epoch.wgsl) and stores the task scores of the kept epoch.
//
// Grid: x = networks, one invocation each.   Needs shared/network, shared/finite, shared/close_epoch.

struct Uniforms {
  networks: u32,
  tasks: u32,
  train_samples: u32,
  validation_samples: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> networks: array<Network>;
@group(0) @binding(2) var<storage, read_write> score_sums: array<f32>;       // [network][task] scores summed in the epoch just validated; zeroed
@group(0) @binding(3) var<storage, read_write> kept_score_sums: array<f32>;  // [network][task] scores summed in the epoch that the level keeps

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= u.networks) {
    return;
  }
  if (networks[id.x].running == 0u) {
    return;
  }
  let network = close_epoch(networks[id.x], u.train_samples, u.validation_samples);
  for (var t = id.x * u.tasks; t < (id.x + 1u) * u.tasks; t++) {
    if (keeps_epoch(network)) {
      kept_score_sums[t] = score_sums[t];
    }
    score_sums[t] = 0.0;
  }
  networks[id.x] = network;
}
