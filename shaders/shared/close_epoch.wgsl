// Closes an epoch of one network with complete loss sums: sets the mean losses, the best epoch so far, and whether the
// level continues. A level ends when its validation loss has not improved for `patience` epochs, or at `max_epochs`, or when it has diverged:
// a mean loss, a parameter or a moment is not finite.
// Needs shared/network, shared/finite.

// has_finite_state: whether all parameters and moments are.
fn close_epoch(before: Network, train_samples: u32, validation_samples: u32, has_finite_state: bool) -> Network {
  var network = before;
  network.epochs += 1u;
  network.train_loss = network.train_loss_sum / f32(train_samples);
  network.validation_loss = network.validation_loss_sum / f32(validation_samples);
  network.train_loss_sum = 0.0;
  network.validation_loss_sum = 0.0;

  if (!has_finite_state || !is_finite(network.train_loss) || !is_finite(network.validation_loss)) {
    network.diverged = 1u;
  }

  let improved = network.validation_loss < network.best_validation_loss;
  if (improved) {
    network.best_validation_loss = network.validation_loss;
    network.epochs_since_best = 0u;
  } else {
    network.epochs_since_best += 1u;
  }
  network.improved = u32(improved);

  if (keeps_epoch(network)) {
    network.kept_epoch = network.epochs;
    network.kept_train_loss = network.train_loss;
    network.kept_validation_loss = network.validation_loss;
  }
  let continues = network.epochs_since_best < network.patience && network.epochs < network.max_epochs;
  network.running = u32(continues && network.diverged == 0u);
  return network;
}

// True when the level's result so far is the epoch just closed.
fn keeps_epoch(network: Network) -> bool {
  return network.improved == 1u || network.keep_best == 0u;
}

// In place of an index: the network keeps no curves.
const no_curves = 0xffffffffu;

// Words to the epoch just closed in the network's curves: [epoch][training loss, validation loss, score sums]; no_curves
// if it keeps none.
fn curves_of_epoch(network: Network, sums: u32) -> u32 {
  return select(no_curves, network.curves_at + (network.epochs - 1u) * (2u + sums), network.keep_curves == 1u);
}
