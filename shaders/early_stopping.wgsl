// Closes an epoch of every network: mean losses, the best epoch so far, and whether the level goes on.
// A level ends when its validation loss has not improved for `patience` epochs, or at `max_epochs`.
//
// Grid: x = networks, one invocation each.   Needs shared/network.

struct Uniforms {
  networks: u32,
  tasks: u32,
  train_samples: u32,
  validation_samples: u32,
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read_write> networks: array<Network>;
@group(0) @binding(2) var<storage, read_write> correct: array<u32>;       // [network][task] right in the epoch just validated; zeroed
@group(0) @binding(3) var<storage, read_write> kept_correct: array<u32>;  // [network][task] right in the epoch that the level keeps

override workgroup_x: u32;

@compute @workgroup_size(workgroup_x)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= u.networks) {
    return;
  }
  var network = networks[id.x];
  if (network.running == 0u) {
    return;
  }
  network.epochs += 1u;
  network.train_loss = network.train_loss_sum / f32(u.train_samples);
  network.validation_loss = network.validation_loss_sum / f32(u.validation_samples);
  network.train_loss_sum = 0.0;
  network.validation_loss_sum = 0.0;

  let improved = network.validation_loss < network.best_validation_loss;
  if (improved) {
    network.best_validation_loss = network.validation_loss;
    network.epochs_since_best = 0u;
  } else {
    network.epochs_since_best += 1u;
  }
  network.improved = u32(improved);

  let keep = improved || network.keep_best == 0u;
  if (keep) {
    network.kept_epoch = network.epochs;
    network.kept_train_loss = network.train_loss;
    network.kept_validation_loss = network.validation_loss;
  }
  for (var t = id.x * u.tasks; t < (id.x + 1u) * u.tasks; t++) {
    if (keep) {
      kept_correct[t] = correct[t];
    }
    correct[t] = 0u;
  }
  network.running = u32(network.epochs_since_best < network.patience && network.epochs < network.max_epochs);
  networks[id.x] = network;
}
