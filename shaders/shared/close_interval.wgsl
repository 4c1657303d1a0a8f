// Closes the interval between two evaluations of one network with complete loss sums: sets the mean losses, the best
// evaluation so far, and whether the level continues. A level ends when its validation loss has not improved for `patience`
// evaluations, or after `most_evaluations`, or when it has diverged: a mean loss, a parameter or a moment is not finite.
// Needs shared/network, shared/finite.

// What of the training split counts its samples.
struct Batches {
  samples: u32, // of the split
  batch: u32,   // of a mini-batch; the last one of an epoch may have fewer
}

// True when the steps of the network's interval are done.
fn ends_interval(network: Network) -> bool {
  return network.step == (network.evaluations + 1u) * network.evaluate_every;
}

// Samples of the first `steps` steps. Wraps around beyond u32, which differences of it do not feel.
fn samples_of_steps(steps: u32, train: Batches) -> u32 {
  let steps_per_epoch = (train.samples + train.batch - 1u) / train.batch;
  return steps / steps_per_epoch * train.samples + steps % steps_per_epoch * train.batch;
}

// has_finite_state: whether all parameters and moments are.
fn close_interval(before: Network, train: Batches, validation_samples: u32, has_finite_state: bool) -> Network {
  var network = before;
  network.evaluations += 1u;
  let samples = samples_of_steps(network.step, train) - samples_of_steps(network.step - network.evaluate_every, train);
  network.train_loss = network.train_loss_sum / f32(samples);
  network.validation_loss = network.validation_loss_sum / f32(validation_samples);
  network.train_loss_sum = 0.0;
  network.validation_loss_sum = 0.0;

  if (!has_finite_state || !is_finite(network.train_loss) || !is_finite(network.validation_loss)) {
    network.diverged = 1u;
  }

  let improved = network.validation_loss < network.best_validation_loss;
  if (improved) {
    network.best_validation_loss = network.validation_loss;
    network.evaluations_since_best = 0u;
  } else {
    network.evaluations_since_best += 1u;
  }
  network.improved = u32(improved);

  if (keeps_evaluation(network)) {
    network.kept_evaluation = network.evaluations;
    network.kept_train_loss = network.train_loss;
    network.kept_validation_loss = network.validation_loss;
  }
  let continues = network.evaluations_since_best < network.patience && network.evaluations < network.most_evaluations;
  network.running = u32(continues && network.diverged == 0u);
  return network;
}

// True when the level's result so far is that of the interval just closed.
fn keeps_evaluation(network: Network) -> bool {
  return network.improved == 1u || network.keep_best == 0u;
}

// In place of an index: the network keeps no curves.
const no_curves = 0xffffffffu;

// Words to the interval just closed in the network's curves: [evaluation][training loss, validation loss, score sums];
// no_curves if it keeps none.
fn curves_of_evaluation(network: Network, sums: u32) -> u32 {
  return select(no_curves, network.curves_at + (network.evaluations - 1u) * (2u + sums), network.keep_curves == 1u);
}
