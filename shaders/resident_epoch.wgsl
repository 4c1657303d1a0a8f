// Trains every network of a population for several steps over the kept edges, one workgroup per network.
//
// One dispatch gives each network the work of `work / step_work` optimiser steps, its validations and the closing of
// its intervals included. It stops between two steps, so the next dispatch continues exactly there. Barriers act within
// one workgroup only: networks differ in shape, batch, seed, level and settings, and none waits for another.
//
// A row holds one number for each sample of a batch, as quads (vec4f) of samples. Rows are in workgroup memory if the
// network fits, else in storage (shaders/rows). The distance between two rows is odd, so that invocations that read the
// same quad of neighbouring rows use different banks of the memory. Order of the rows:
//
//   sample numbers of two batches, inputs of two batches, neurons by layer, gradients of the neurons
//
// While one batch is in training, invocations without other work gather the next one.
//
// The host builds the graph (src/engine/resident/graph.ts) from the mask:
//
//   block    four neighbouring neurons of one layer, one row each; the last block of a layer is padded
//   bundle   the edges between a block and one neuron of another layer: a vec4f of weights, pruned ones 0
//   tile     four bundles of one block; the last tile of a block is padded
//
// The graph is listed twice: forward, by the edges into each neuron; and backward, by the edges out of each neuron,
// with copies of the weights.
//
//   forward    one invocation: a block x a quad, over the tiles of the block        8 vec4f read for 64 multiply-adds
//   backward   the same over the backward lists
//   update     one invocation: a tile, over the samples, then the optimiser's step  8 vec4f read for 64 multiply-adds
//
// In the update, tile t of a block with T tiles takes the bundles t, t + T, t + 2 T and t + 3 T, so that neighbouring
// invocations read neighbouring weights and rows.
//
// Where the gradients have no rows of their own (`gradient_shift` 0), the gradient of a neuron replaces its activation:
// the weights out of a layer are updated before its gradients are written. Otherwise all weights are updated at once.
//
// Every sum runs over its list in one order, and each invocation adds its own losses in its own cell, so a network's
// bytes depend on nothing else in the dispatch. Wrong answers are counted by integer atomics, whose order does not matter.
//
// Grid: z = networks. Workgroup: x = quads, y = blocks.
// Needs shared/network, shared/finite, shared/close_interval, shared/philox, shared/order, shared/optimizer, shared/loss,
// an activation, shared/element_loss, element-wise losses, rows/workgroup or rows/storage.

struct Uniforms {
  work: u32, // work of each network in this dispatch, in the unit of step_work
}

// Offsets and sizes of one network and its dataset. Numbers in the lists count within the network; `_at` are absolute.
struct Placement {
  in_storage: u32,            // 1: the rows are in storage
  step_work: u32,             // cost of a step, in an arbitrary unit
  validation_steps: u32,      // cost of a validation, in steps
  layers: u32,                // weight layers
  inputs: u32,                // input rows
  blocks: u32,                // forward blocks; one vec4f of biases each
  tiles: u32,                 // forward tiles; four vec4f of weights each
  back_vectors: u32,          // vec4f of copied weights: four for each backward tile
  stride: u32,                // vec4f from one row to the next, odd
  gradient_shift: u32,        // vec4f from a neuron's activation to its gradient
  graph_at: u32,              // vec4u; the next four lists count from here
  first_lists: u32,           // vec4u of the next four lists
  layers_at: u32,             // graph: first block, end of blocks, first tile, end of tiles of each layer
  blocks_at: u32,             // graph: row, first tile, end of tiles, mask bits of the members of each block
  back_layers_at: u32,        // graph: first and end of the backward blocks, by the layer that receives the gradients
  back_blocks_at: u32,        // graph: row, first tile, end of tiles of each backward block
  sources_at: u32,            // graph: rows of the sources of each tile's bundles
  tiles_at: u32,              // graph: see update_tile
  targets_at: u32,            // graph: gradient rows of the targets of each backward tile's bundles
  copies_at: u32,             // graph: number of the weight that each backward weight copies, or `none`
  inputs_at: u32,             // graph: dataset column of each input row
  parameters_at: u32,         // vec4f
  rows_at: u32,               // vec4f in `rows`, in storage
  kept_at: u32,               // elements of tallies: score sums of the kept evaluation
  sums_at: u32,               // elements: score sums of the validation so far
  sums: u32,                  // score sums: for each task one for each class, or one
  cells_at: u32,              // elements: f32 sums of each invocation
  batch: u32,                 // samples of a mini-batch
  validation_quads: u32,      // quads per row in validation
  train_samples: u32,
  validation_samples: u32,
  half_bits: u32,             // half width of the sample order's Feistel network, in bits
  bytes_per_input: u32,       // 1: u8, 4: f32
  sample_words: u32,          // words from one sample's inputs to the next
  columns: u32,               // dataset columns: elements from the means to the scales
  standardization_at: u32,    // data: means, then scales
  train_features_at: u32,     // data
  validation_features_at: u32,
  train_labels_at: u32,       // data: [task][sample]
  validation_labels_at: u32,
  tasks: u32,
  tasks_at: u32,              // data: number of the loss, first output, outputs, first score sum of each task
  outputs_row: u32,           // vec4f to the row of the first output
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> placements: array<Placement>;
@group(0) @binding(2) var<storage, read> data: array<u32>;
@group(0) @binding(3) var<storage, read> graph: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> networks: array<Network>;
// [network][weight, first moment, second moment, best weight][biases of each block, 4 of each tile], copies
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
// [network][kept score sum], then for each network [score sum], [train loss][invocation], and, if any task has an
// element-wise loss, [task][invocation]. A score sum is the number of wrong answers of a class, or the bits of an f32.
@group(0) @binding(6) var<storage, read_write> tallies: array<atomic<u32>>;
@group(0) @binding(8) var<storage, read_write> curves: array<u32>;         // of the networks that keep them, see curves_of_evaluation

override workgroup_x: u32;
override workgroup_y: u32;

// Marks padding in the backward lists, which copies no weight.
const none = 0xffffffffu;
// In a tile's word of mask bits: its sources are inputs.
const reads_inputs = 1u << 16u;

struct Score {
  loss: vec4f,
  term: vec4f, // of a score sum: 1 for a wrong answer, or the score of an element-wise loss
}

struct Progress {
  running: u32,
  step: u32,
  evaluates_at: u32, // the step after which the network is evaluated next
  kept: u32,  // 1: the level's result so far is that of the interval just closed
  keeps: u32, // 1: the same, and the level keeps its best evaluation
  curves_at: u32, // curves: the interval just closed, or no_curves
}

var<workgroup> p: Placement;
var<workgroup> progress: Progress;
var<workgroup> keys: OrderKeys; // of the epoch in training
var<workgroup> partial: array<f32, workgroup_x * workgroup_y>; // a power of two
var<workgroup> not_finite: atomic<u32>; // 1: a parameter or moment is NaN or infinite
// The start of the first lists of the graph, which every phase reads before anything else.
const listed_vectors = 128u;
var<workgroup> first_lists: array<vec4u, listed_vectors>;

// Samples that pass through the network together: `width` positions of a split from `first` on, mapped by the epoch's
// sample order in training.
struct Batch {
  training: bool,
  turn: u32,     // which of the two batches in the rows: 0 or 1
  first: u32,
  width: u32,
  quads: u32,    // of four positions, the last one padded
}

fn samples_of(b: Batch) -> u32 {
  return select(p.validation_samples, p.train_samples, b.training);
}

fn feature(features_at: u32, sample: u32, column: u32) -> f32 {
  let at = features_at + sample * p.sample_words;
  if (p.bytes_per_input == 1u) {
    return f32((data[at + (column >> 2u)] >> (8u * (column & 3u))) & 255u);
  }
  return bitcast<f32>(data[at + column]);
}

// Writes the sample numbers (-1 where padded; exact in f32 below 2^24) and the inputs of a batch. The last invocations
// have the first rows, since the first invocations compute the losses at the same time.
fn gather(local: vec2u, b: Batch) {
  let lane = workgroup_y - 1u - local.y;
  let samples = samples_of(b);
  let features_at = select(p.validation_features_at, p.train_features_at, b.training);
  if (lane > p.inputs) {
    return;
  }
  for (var quad = local.x; quad < b.quads; quad += workgroup_x) {
    let column = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u);
    let filled = (column < vec4u(b.width)) & (column + b.first < vec4u(samples));
    var sample = min(column + b.first, vec4u(samples - 1u));
    if (b.training) {
      sample = permuted_indices(sample, samples, p.half_bits, keys);
    }
    for (var number = lane; number <= p.inputs; number += workgroup_y) {
      if (number == p.inputs) {
        set_row(b.turn * p.stride + quad, select(vec4f(-1.0), vec4f(sample), filled));
        continue;
      }
      let input = graph[p.inputs_at + (number >> 2u)][number & 3u];
      let mean = bitcast<f32>(data[p.standardization_at + input]);
      let scale = bitcast<f32>(data[p.standardization_at + p.columns + input]);
      let raw = vec4f(
        feature(features_at, sample.x, input),
        feature(features_at, sample.y, input),
        feature(features_at, sample.z, input),
        feature(features_at, sample.w, input),
      );
      set_row((2u + b.turn * p.inputs + number) * p.stride + quad, select(vec4f(), (raw - mean) * scale, filled));
    }
  }
}

// vec4f from the inputs of the first batch in the rows to those of a batch.
fn inputs_shift(b: Batch) -> u32 {
  return b.turn * p.inputs * p.stride;
}

// An entry of the first four lists.
fn listed(at: u32) -> vec4u {
  if (at < listed_vectors) {
    return first_lists[at];
  }
  return graph[p.graph_at + at];
}

// Number of vec4f of weights.
fn vectors() -> u32 {
  return p.blocks + 4u * p.tiles;
}

// Adds x times a weight to each of four sums, one weight per sum.
fn fused(w: vec4f, x: vec4f, sums: mat4x4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(w.x), x, sums[0]),
    fma(vec4f(w.y), x, sums[1]),
    fma(vec4f(w.z), x, sums[2]),
    fma(vec4f(w.w), x, sums[3]),
  );
}

// Sums of a block's four rows over its tiles, for one quad. The rows of the bundles' other ends are listed at `ends_at`,
// the weights start at `weights_at`.
fn sum_tiles(record: vec4u, ends_at: u32, weights_at: u32, quad: u32, start: mat4x4f) -> mat4x4f {
  var sums = start;
  let end = record.z;
  for (var tile = record.y; tile < end; tile++) {
    let ends = graph[ends_at + tile] + quad;
    let at = weights_at + tile * 4u;
    let w0 = parameters[at];
    let w1 = parameters[at + 1u];
    let w2 = parameters[at + 2u];
    let w3 = parameters[at + 3u];
    sums = fused(w0, row(ends.x), sums);
    sums = fused(w1, row(ends.y), sums);
    sums = fused(w2, row(ends.z), sums);
    sums = fused(w3, row(ends.w), sums);
  }
  return sums;
}

fn every(value: vec4f) -> mat4x4f {
  return mat4x4f(vec4f(value.x), vec4f(value.y), vec4f(value.z), vec4f(value.w));
}

fn forward_layer(local: vec2u, b: Batch, layer: u32, is_last: bool) {
  let span = listed(p.layers_at + layer);
  let shift = select(0u, inputs_shift(b), layer == 0u);
  for (var number = span.x + local.y; number < span.y; number += workgroup_y) {
    let record = listed(p.blocks_at + number);
    let start = every(parameters[p.parameters_at + number]);
    for (var quad = local.x; quad < b.quads; quad += workgroup_x) {
      let z = sum_tiles(record, p.sources_at, p.parameters_at + p.blocks, shift + quad, start);
      // Logits are not activated.
      let at = record.x + quad;
      set_row(at, select(activated(z[0]), z[0], is_last));
      set_row(at + p.stride, select(activated(z[1]), z[1], is_last));
      set_row(at + 2u * p.stride, select(activated(z[2]), z[2], is_last));
      set_row(at + 3u * p.stride, select(activated(z[3]), z[3], is_last));
    }
  }
}

// Losses of four samples by softmax cross-entropy over `outputs` rows of logits; writes the gradients in training. A
// binary task is the same with classes 0 and 1, where class 0 has logit 0: BCE with logits. The largest logit is
// subtracted first, so that no exponential overflows. Its term 1 is left out of the sum, so that log_one_plus keeps the
// precision of a small loss. A sample with a logit that is not finite has a loss that is not finite, also where exp or
// max drops NaN.
fn four_losses(z: u32, outputs: u32, is_binary: bool, label: vec4u, training: bool, weight: vec4f) -> Score {
  let first_class = select(0u, 1u, is_binary);
  let dz = z + p.gradient_shift;
  var largest = vec4f(select(-3.4028234e38, 0.0, is_binary));
  var winner = vec4u(); // the first of equal logits
  var labelled = vec4f();
  var not_finite = vec4f(); // a logit that is NaN or infinite
  for (var k = 0u; k < outputs; k++) {
    let logit = row(z + k * p.stride);
    not_finite = select(logit, not_finite, are_finite(logit));
    let class_number = vec4u(k + first_class);
    winner = select(winner, class_number, logit > largest);
    labelled = select(labelled, logit, class_number == label);
    largest = max(largest, logit);
  }
  var others = select(vec4f(), exp(-largest), vec4<bool>(is_binary) & (winner != vec4u()));
  for (var k = 0u; k < outputs; k++) {
    let term = exp(row(z + k * p.stride) - largest);
    others += select(term, vec4f(), winner == vec4u(k + first_class));
    if (training) {
      set_row(dz + k * p.stride, term);
    }
  }
  if (training) {
    for (var k = 0u; k < outputs; k++) {
      let share = row(dz + k * p.stride) / (1.0 + others);
      set_row(dz + k * p.stride, (share - select(vec4f(), vec4f(1.0), vec4u(k + first_class) == label)) * weight);
    }
  }
  return Score(log_one_plus(others) + largest - labelled + not_finite, select(vec4f(1.0), vec4f(), winner == label));
}

// The same for an element-wise loss.
fn four_element_losses(loss: u32, z: u32, words: vec4u, training: bool, weight: vec4f) -> Score {
  let logits = row(z);
  let first = element_loss(loss, logits.x, words.x);
  let second = element_loss(loss, logits.y, words.y);
  let third = element_loss(loss, logits.z, words.z);
  let fourth = element_loss(loss, logits.w, words.w);
  if (training) {
    let gradients = vec4f(first.gradient, second.gradient, third.gradient, fourth.gradient);
    set_row(z + p.gradient_shift, gradients * weight);
  }
  return Score(
    vec4f(first.loss, second.loss, third.loss, fourth.loss),
    vec4f(first.score, second.score, third.score, fourth.score),
  );
}

// Cells of the scores of a task with an element-wise loss in the validation so far, one for each invocation.
fn scores_at(t: u32) -> u32 {
  return p.cells_at + (1u + t) * workgroup_x * workgroup_y;
}

fn tally(at: u32) -> f32 {
  return bitcast<f32>(atomicLoad(&tallies[at]));
}

fn set_tally(at: u32, value: f32) {
  atomicStore(&tallies[at], bitcast<u32>(value));
}

// Adds the terms of four samples of a classification, each 0 or 1, to the counts of their classes.
fn count_wrong(first_sum: u32, labels: vec4u, terms: vec4f) {
  if (all(terms == vec4f())) {
    return;
  }
  for (var lane = 0u; lane < 4u; lane++) {
    if (terms[lane] == 1.0) {
      atomicAdd(&tallies[p.sums_at + first_sum + labels[lane]], 1u);
    }
  }
}

// The sum of an invocation's losses; writes the logits' gradients in training, and in validation counts wrong answers,
// or adds the scores to the invocation's cells.
fn losses(local: vec2u, cell: u32, b: Batch) -> f32 {
  let samples = samples_of(b);
  let weight = 1.0 / (f32(min(b.width, samples - b.first)) * f32(p.tasks));
  let labels_at = select(p.validation_labels_at, p.train_labels_at, b.training);
  var loss_sum = 0.0;
  for (var t = local.y; t < p.tasks; t += workgroup_y) {
    let loss = data[p.tasks_at + t * 4u];
    let first_output = data[p.tasks_at + t * 4u + 1u];
    let outputs = data[p.tasks_at + t * 4u + 2u];
    let first_sum = data[p.tasks_at + t * 4u + 3u];
    let is_element = has_element_losses && loss > 1u;
    var scores = 0.0; // of an element-wise loss
    for (var quad = local.x; quad < b.quads; quad += workgroup_x) {
      let numbers = row(b.turn * p.stride + quad);
      let filled = numbers >= vec4f();
      let sample = vec4u(max(numbers, vec4f())) + labels_at + t * samples;
      let label = vec4u(data[sample.x], data[sample.y], data[sample.z], data[sample.w]);
      let z = p.outputs_row + first_output * p.stride + quad;
      let weights = select(vec4f(), vec4f(weight), filled);
      var score: Score;
      if (is_element) {
        score = four_element_losses(loss, z, label, b.training, weights);
      } else {
        score = four_losses(z, outputs, loss == 0u, label, b.training, weights);
      }
      let kept = select(vec4f(), score.loss, filled);
      let terms = select(vec4f(), score.term, filled);
      loss_sum += (kept.x + kept.y) + (kept.z + kept.w);
      if (is_element) {
        scores += (terms.x + terms.y) + (terms.z + terms.w);
      } else if (!b.training) {
        count_wrong(first_sum, label, terms);
      }
    }
    if (is_element && !b.training) {
      set_tally(scores_at(t) + cell, tally(scores_at(t) + cell) + scores);
    }
  }
  return loss_sum / f32(p.tasks);
}

// Copies the weights, as the previous update wrote them, for the backward lists.
fn copy_weights(cell: u32) {
  let to = p.parameters_at + 4u * vectors();
  for (var k = cell; k < p.back_vectors; k += workgroup_x * workgroup_y) {
    let numbers = graph[p.copies_at + k];
    parameters[to + k] = vec4f(weight(numbers.x), weight(numbers.y), weight(numbers.z), weight(numbers.w));
  }
}

fn weight(number: u32) -> f32 {
  if (number == none) {
    return 0.0;
  }
  return parameters[p.parameters_at + (number >> 2u)][number & 3u];
}

// Gradients of the neurons of one hidden layer.
fn backward_layer(local: vec2u, quads: u32, layer: u32) {
  let span = listed(p.back_layers_at + layer);
  for (var number = span.x + local.y; number < span.y; number += workgroup_y) {
    let record = listed(p.back_blocks_at + number);
    for (var quad = local.x; quad < quads; quad += workgroup_x) {
      let sums = sum_tiles(record, p.targets_at, p.parameters_at + 4u * vectors(), quad, mat4x4f());
      let at = record.x + quad;
      pass_back(at, sums[0]);
      pass_back(at + p.stride, sums[1]);
      pass_back(at + 2u * p.stride, sums[2]);
      pass_back(at + 3u * p.stride, sums[3]);
    }
  }
}

fn pass_back(at: u32, gradient: vec4f) {
  set_row(at + p.gradient_shift, passed_back(gradient, row(at)));
}

// One quad of four neighbouring rows, one sample per column.
fn four_samples(at: u32) -> mat4x4f {
  return transpose(mat4x4f(row(at), row(at + p.stride), row(at + 2u * p.stride), row(at + 3u * p.stride)));
}

// Adds four samples, one after the other.
fn accumulate(sum: vec4f, x: vec4f, gradients: mat4x4f) -> vec4f {
  let first = fma(vec4f(x.y), gradients[1], fma(vec4f(x.x), gradients[0], sum));
  return fma(vec4f(x.w), gradients[3], fma(vec4f(x.z), gradients[2], first));
}

// Updates the weights of the tiles and the biases of the blocks of some layers: span has the first and end of their
// blocks, then of their tiles.
fn update(cell: u32, b: Batch, span: vec4u, size: StepSize) {
  let tiles = span.w - span.z;
  for (var item = cell; item < tiles + span.y - span.x; item += workgroup_x * workgroup_y) {
    if (item < tiles) {
      update_tile(b, span.z + item, size);
    } else {
      update_biases(b, span.x + item - tiles, size);
    }
  }
}

// The graph has two vec4u of a tile: the row of its block, its first bundle, the distance between two of its bundles,
// and the mask bits of their weights; then the rows of the bundles' sources.
fn update_tile(b: Batch, number: u32, size: StepSize) {
  let tile = graph[p.tiles_at + 2u * number];
  let shift = select(0u, inputs_shift(b), (tile.w & reads_inputs) != 0u);
  let sources = graph[p.tiles_at + 2u * number + 1u] + shift;
  let dz = tile.x + p.gradient_shift;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  for (var quad = 0u; quad < b.quads; quad++) {
    let gradients = four_samples(dz + quad);
    sum0 = accumulate(sum0, row(sources.x + quad), gradients);
    sum1 = accumulate(sum1, row(sources.y + quad), gradients);
    sum2 = accumulate(sum2, row(sources.z + quad), gradients);
    sum3 = accumulate(sum3, row(sources.w + quad), gradients);
  }
  step_tile(p.parameters_at + p.blocks + tile.y, tile.z, sum0, sum1, sum2, sum3, tile.w, size);
}

// A vec4f of weights with its moments.
fn weights(at: u32) -> Update {
  let stride = vectors();
  return Update(parameters[at], parameters[at + stride], parameters[at + 2u * stride]);
}

fn set_weights(at: u32, stepped: Update, bits: u32) {
  let stride = vectors();
  let kept = (vec4u(bits) & vec4u(1u, 2u, 4u, 8u)) != vec4u();
  parameters[at] = select(vec4f(), stepped.parameter, kept);
  parameters[at + stride] = select(vec4f(), stepped.first, kept);
  parameters[at + 2u * stride] = select(vec4f(), stepped.second, kept);
}

fn optimized(weights: Update, gradient: vec4f, size: StepSize) -> Update {
  return optimize(weights.parameter, weights.first, weights.second, gradient, size);
}

// Steps the bundles of a tile. All are read before any is written, so that the device waits for its memory once.
fn step_tile(at: u32, distance: u32, g0: vec4f, g1: vec4f, g2: vec4f, g3: vec4f, bits: u32, size: StepSize) {
  let old0 = weights(at);
  let old1 = weights(at + distance);
  let old2 = weights(at + 2u * distance);
  let old3 = weights(at + 3u * distance);
  set_weights(at, optimized(old0, g0, size), bits);
  set_weights(at + distance, optimized(old1, g1, size), bits >> 4u);
  set_weights(at + 2u * distance, optimized(old2, g2, size), bits >> 8u);
  set_weights(at + 3u * distance, optimized(old3, g3, size), bits >> 12u);
}

fn update_biases(b: Batch, number: u32, size: StepSize) {
  let record = listed(p.blocks_at + number);
  let dz = record.x + p.gradient_shift;
  var sum = vec4f();
  for (var quad = 0u; quad < b.quads; quad++) {
    sum = accumulate(sum, vec4f(1.0), four_samples(dz + quad));
  }
  let at = p.parameters_at + number;
  set_weights(at, optimized(weights(at), sum, size), record.w);
}

// The sum of a number of every invocation by a fixed tree, in invocation 0.
fn sum_of_all(cell: u32, value: f32) -> f32 {
  workgroupBarrier();
  partial[cell] = value;
  workgroupBarrier();
  for (var half = workgroup_x * workgroup_y / 2u; half > 0u; half /= 2u) {
    if (cell < half) {
      partial[cell] += partial[cell + half];
    }
    workgroupBarrier();
  }
  return partial[0];
}

// Marks a network of which a parameter or moment is not finite. Neither becomes finite again, so one look at the end of
// an interval finds what a step of it has made.
fn check_finite(cell: u32) {
  for (var k = cell; k < 3u * vectors(); k += workgroup_x * workgroup_y) {
    if (!all(are_finite(parameters[p.parameters_at + k]))) {
      atomicStore(&not_finite, 1u);
    }
  }
}

// The step after which a network is evaluated next.
fn next_evaluation(n: u32) -> u32 {
  return (networks[n].evaluations + 1u) * networks[n].evaluate_every;
}

// The sample order of the epoch of a network's next step.
fn keys_of_step(n: u32, step: u32) -> OrderKeys {
  let steps_per_epoch = (p.train_samples + p.batch - 1u) / p.batch;
  return order_keys(networks[n].seed, networks[n].level, step / steps_per_epoch);
}

// Closes an interval.
fn close(n: u32, step: u32, train_loss_sum: f32, validation_loss_sum: f32) {
  var network = networks[n];
  network.step = step;
  network.train_loss_sum = train_loss_sum;
  network.validation_loss_sum = validation_loss_sum;
  network = close_interval(network, Batches(p.train_samples, p.batch), p.validation_samples, atomicLoad(&not_finite) == 0u);
  networks[n] = network;
  let kept = u32(keeps_evaluation(network));
  let curves_at = curves_of_evaluation(network, p.sums);
  if (curves_at != no_curves) {
    curves[curves_at] = bitcast<u32>(network.train_loss);
    curves[curves_at + 1u] = bitcast<u32>(network.validation_loss);
  }
  progress = Progress(network.running, network.step, next_evaluation(n), kept, kept * network.keep_best, curves_at);
}

@compute @workgroup_size(workgroup_x, workgroup_y)
fn main(@builtin(local_invocation_id) id: vec3u, @builtin(local_invocation_index) cell: u32, @builtin(workgroup_id) workgroup_id: vec3u) {
  let n = workgroup_id.z;
  if (cell == 0u) {
    p = placements[n];
    let running = select(0u, networks[n].running, placements[n].in_storage == rows_in_storage);
    progress = Progress(running, networks[n].step, next_evaluation(n), 0u, 0u, no_curves);
    keys = keys_of_step(n, networks[n].step);
  }
  var now = workgroupUniformLoad(&progress);
  if (now.running == 0u) {
    return;
  }
  open_rows(p.rows_at);
  for (var k = cell; k < min(listed_vectors, p.first_lists); k += workgroup_x * workgroup_y) {
    first_lists[k] = graph[p.graph_at + k];
  }
  // Read from storage, these are the same for all invocations in the eyes of the compiler.
  let layers = placements[n].layers;
  let batch = placements[n].batch;
  let batch_quads = (batch + 3u) >> 2u;
  let tasks = placements[n].tasks;
  let tasks_at = placements[n].tasks_at;
  let is_in_place = placements[n].gradient_shift == 0u;
  let validation_samples = placements[n].validation_samples;
  let validation_quads = placements[n].validation_quads;
  let steps_per_epoch = (placements[n].train_samples + batch - 1u) / batch;
  var steps = max(1u, u.work / placements[n].step_work);
  let own = p.cells_at + cell; // the cell of the training losses
  var train_loss = tally(own);
  var validation_loss = 0.0;
  var b = Batch(true, 0u, now.step % steps_per_epoch * batch, batch, batch_quads);
  gather(id.xy, b);
  rows_barrier();
  workgroupBarrier();
  loop {
    // A dispatch never ends before or within a validation, so the numbers of steps and evaluations define the position in
    // the level.
    if (b.training && steps == 0u) {
      break;
    }
    for (var layer = 0u; layer < layers; layer++) {
      forward_layer(id.xy, b, layer, layer + 1u == layers);
      rows_barrier();
    }

    var next = Batch(true, 1u - b.turn, b.first + b.width, b.width, b.quads);
    if (b.training) {
      now.step += 1u;
      if (now.step == now.evaluates_at) {
        next = Batch(false, next.turn, 0u, validation_quads * 4u, validation_quads);
      } else if (now.step % steps_per_epoch == 0u) {
        // The next batch is the first of an epoch. No invocation gathers now: all have passed the barriers of this batch.
        next.first = 0u;
        if (cell == 0u) {
          keys = keys_of_step(n, now.step);
        }
        workgroupBarrier();
      }
    } else {
      next.training = false;
    }
    let ends_validation = !b.training && next.first >= validation_samples;
    let loss = losses(id.xy, cell, b);
    if (!ends_validation) {
      gather(id.xy, next);
    }
    if (b.training) {
      train_loss += loss;
      copy_weights(cell);
      storageBarrier();
    } else {
      validation_loss += loss;
    }
    rows_barrier();

    if (b.training) {
      steps -= 1u;
      let size = step_size(n, now.step);
      for (var layer = layers - 1u; layer > 0u; layer--) {
        if (is_in_place) {
          update(cell, b, listed(p.layers_at + layer), size);
          rows_barrier();
        }
        backward_layer(id.xy, b.quads, layer - 1u);
        rows_barrier();
      }
      if (is_in_place) {
        update(cell, b, listed(p.layers_at), size);
      } else {
        update(cell, b, vec4u(0u, p.blocks, 0u, p.tiles), size);
      }
      storageBarrier();
    } else if (ends_validation) {
      steps -= min(steps, placements[n].validation_steps);
      check_finite(cell);
      // Its barriers make the mark known to all.
      let train_loss_sum = sum_of_all(cell, train_loss);
      let validation_loss_sum = sum_of_all(cell, validation_loss);
      for (var t = 0u; t < tasks; t++) {
        if (has_element_losses && data[tasks_at + t * 4u] > 1u) {
          let score_sum = sum_of_all(cell, tally(scores_at(t) + cell));
          set_tally(scores_at(t) + cell, 0.0);
          if (cell == 0u) {
            set_tally(p.sums_at + data[tasks_at + t * 4u + 3u], score_sum);
          }
        }
      }
      // Every count and sum is complete before it is kept.
      storageBarrier();
      if (cell == 0u) {
        close(n, now.step, train_loss_sum, validation_loss_sum);
        keys = keys_of_step(n, now.step);
      }
      now = workgroupUniformLoad(&progress);
      for (var s = cell; s < p.sums; s += workgroup_x * workgroup_y) {
        let sum = atomicExchange(&tallies[p.sums_at + s], 0u);
        if (now.kept == 1u) {
          atomicStore(&tallies[p.kept_at + s], sum);
        }
        if (now.curves_at != no_curves) {
          curves[now.curves_at + 2u + s] = sum;
        }
      }
      train_loss = 0.0;
      validation_loss = 0.0;
      if (now.keeps == 1u) {
        for (var k = cell; k < vectors(); k += workgroup_x * workgroup_y) {
          parameters[p.parameters_at + 3u * vectors() + k] = parameters[p.parameters_at + k];
        }
      }
      if (now.running == 0u) {
        break;
      }
      next = Batch(true, 0u, now.step % steps_per_epoch * batch, batch, batch_quads);
      gather(id.xy, next);
      rows_barrier();
    }
    b = next;
  }
  if (cell == 0u) {
    networks[n].step = now.step;
  }
  set_tally(own, train_loss);
}
