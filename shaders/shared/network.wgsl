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
  evaluate_every: u32,        // steps between two evaluations of the level, from 1: an interval
  most_evaluations: u32,      // after which the level ends
  patience: u32,              // evaluations without a better validation loss before the level ends
  keep_best: u32,             // 1: the level's result is its best evaluation, 0: its last
  keep_curves: u32,           // 1: the losses and score sums of every evaluation are kept
  curves_at: u32,             // words to them, see curves_of_evaluation
  running: u32,               // 1 while the level trains; kernels skip a network with 0
  diverged: u32,              // 1 once a mean loss, parameter or moment is not finite at an evaluation, which ends the level
  step: u32,                  // optimiser steps done in this level
  evaluations: u32,           // evaluations done in this level
  evaluations_since_best: u32, // evaluations since the best validation loss
  improved: u32,              // 1 when the last evaluation is the best so far
  train_loss_sum: f32,        // over the samples of the interval so far
  validation_loss_sum: f32,   // over the validation samples so far
  train_loss: f32,            // mean over the last finished interval
  validation_loss: f32,       // mean at the last evaluation
  best_validation_loss: f32,
  kept_evaluation: u32,       // the evaluation of the level's result, from 1
  kept_train_loss: f32,       // its train_loss
  kept_validation_loss: f32,  // its validation_loss
}
