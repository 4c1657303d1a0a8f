// Closes the interval of every network whose interval ends with its last step (shared/close_interval.wgsl), and stores the
// score sums of the kept evaluation, and the losses and score sums of every evaluation of a network that keeps its curves.
// What the validation has summed of a network within its interval is dropped.
//
// Grid: x = networks, one invocation each.   Needs shared/network, shared/finite, shared/close_interval.

struct Uniforms {
  networks: u32,
  sums: u32,              // score sums of a network
  train_samples: u32,
  batch: u32,             // samples of a mini-batch
  validation_samples: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> networks: array<Network>;
@group(0) @binding(2) var<storage, read_write> score_sums: array<u32>;       // [network][sum] of the last validation; zeroed
@group(0) @binding(3) var<storage, read_write> kept_score_sums: array<u32>;  // [network][sum] of the evaluation that the level keeps
@group(0) @binding(4) var<storage, read_write> curves: array<u32>;           // of the networks that keep them, see curves_of_evaluation
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
  var network = networks[id.x];
  let closes = ends_interval(network);
  if (closes) {
    network = close_interval(network, Batches(u.train_samples, u.batch), u.validation_samples, marks[id.x] == 0u);
  }
  network.validation_loss_sum = 0.0;
  marks[id.x] = 0u;
  let curves_at = select(no_curves, curves_of_evaluation(network, u.sums), closes);
  if (curves_at != no_curves) {
    curves[curves_at] = bitcast<u32>(network.train_loss);
    curves[curves_at + 1u] = bitcast<u32>(network.validation_loss);
  }
  for (var s = 0u; s < u.sums; s++) {
    let at = id.x * u.sums + s;
    if (closes && keeps_evaluation(network)) {
      kept_score_sums[at] = score_sums[at];
    }
    if (curves_at != no_curves) {
      curves[curves_at + 2u + s] = score_sums[at];
    }
    score_sums[at] = 0u;
  }
  networks[id.x] = network;
}
