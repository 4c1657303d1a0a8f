// Closes an epoch of every network (shared/close_epoch.wgsl) and stores the score sums of the kept epoch, and the losses
// and score sums of every epoch of a network that keeps its curves.
//
// Grid: x = networks, one invocation each.   Needs shared/network, shared/finite, shared/close_epoch.

struct Uniforms {
  networks: u32,
  sums: u32,              // score sums of a network
  train_samples: u32,
  validation_samples: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> networks: array<Network>;
@group(0) @binding(2) var<storage, read_write> score_sums: array<u32>;       // [network][sum] of the epoch just validated; zeroed
@group(0) @binding(3) var<storage, read_write> kept_score_sums: array<u32>;  // [network][sum] of the epoch that the level keeps
@group(0) @binding(4) var<storage, read_write> curves: array<u32>;           // of the networks that keep them, see curves_of_epoch
@group(0) @binding(5) var<storage, read_write> marks: array<u32>;            // [network] of check_finite; zeroed

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= u.networks) {
    return;
  }
  if (networks[id.x].running == 0u) {
    return;
  }
  let network = close_epoch(networks[id.x], u.train_samples, u.validation_samples, marks[id.x] == 0u);
  marks[id.x] = 0u;
  let curves_at = curves_of_epoch(network, u.sums);
  if (curves_at != no_curves) {
    curves[curves_at] = bitcast<u32>(network.train_loss);
    curves[curves_at + 1u] = bitcast<u32>(network.validation_loss);
  }
  for (var s = 0u; s < u.sums; s++) {
    let at = id.x * u.sums + s;
    if (keeps_epoch(network)) {
      kept_score_sums[at] = score_sums[at];
    }
    if (curves_at != no_curves) {
      curves[curves_at + 2u + s] = score_sums[at];
    }
    score_sums[at] = 0u;
  }
  networks[id.x] = network;
}
