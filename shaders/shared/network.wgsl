// Settings and progress of one network of the population. Its parameters are stored elsewhere.
// The host writes the whole struct when a level starts and reads it back while the level trains.
struct Network {
  seed: u32,                  // model seed: keys the sample order
  level: u32,                 // pruning level, from 0
  optimizer: u32,             // 0 Adam, 1 SGD with momentum
  learning_rate: f32,
  momentum: f32,              // factor of SGD's first moment at every step, from 0 to 1
  weight_decay: f32,          // share of a parameter that a step at learning rate 1 subtracts
  l1: f32,                    // amount that a step at learning rate 1 moves a parameter towards 0
  warmup_steps: u32,          // steps over which the learning rate grows linearly to its value, from 1
  milestone1: u32,            // steps after each of which the learning rate is multiplied by the factor; 0: none
  milestone2: u32,
  milestone3: u32,
  milestone4: u32,
  milestone_factor: f32,
  max_epochs: u32,            // epochs
  patience: u32,              // epochs without a better validation loss before the level ends
  keep_best: u32,             // 1: the level's result is its best epoch, 0: its last
  keep_curves: u32,           // 1: the losses and score sums of every epoch are kept
  curves_at: u32,             // words to them, see curves_of_epoch
  running: u32,               // 1 while the level trains; kernels skip a network with 0
  diverged: u32,              // 1 once a mean loss, parameter or moment is not finite after an epoch, which ends the level
  step: u32,                  // optimiser steps done in this level
  epochs: u32,                // epochs done in this level
  epochs_since_best: u32,     // epochs since the best validation loss
  improved: u32,              // 1 when the epoch just validated is the best so far
  train_loss_sum: f32,        // over the samples of the epoch so far
  validation_loss_sum: f32,   // over the validation samples so far
  train_loss: f32,            // mean over the last finished epoch
  validation_loss: f32,       // mean after the last finished epoch
  best_validation_loss: f32,
  kept_epoch: u32,            // the epoch of the level's result, from 1
  kept_train_loss: f32,       // train_loss of that epoch
  kept_validation_loss: f32,  // validation_loss of that epoch
}
