// Trains every network of a population for several steps over the kept edges, one workgroup per network.
//
// One dispatch gives each network the work of `work / step_work` optimiser steps, its validations and the closing of
// its epochs included. It stops between two steps, so the next dispatch continues exactly there. Barriers act within
// one workgroup only: networks differ in shape, batch, seed, level and settings, and none waits for another.
//
// A step is: batch, forward, loss, backward, gradient, update. Activations are feature-major, [row][quad of samples].
// The host builds the graph (src/engine/resident/graph.ts) from the mask:
//
//   group    eight neighbouring neurons of one layer, one row of activations each; the last group of a layer is padded
//   block    a group with many edges: its sums are computed together
//   bundle   the edges between a block and one neuron of another layer: eight weights, pruned ones 0
//   tile     four bundles into one block; the last tile of a block is padded
//   loose    a row, or an edge, of a group with few edges: each row's sum is computed separately
//   strand   four loose edges into one row; the last strand of a row is padded
//
// The graph is listed twice: forward, by the edges into each neuron; and backward, by the edges out of each neuron,
// with copies of the weights.
//
//   forward    a block's sums start with its biases and run over its bundles    4 vec4f read for 64 multiply-adds
//              a loose row's sum runs over its edges                            2 vec4f read for 8
//   backward   the same over the backward lists
//   gradient   of a tile: runs over the samples                                 12 vec4f read for 128
//              of a strand: likewise                                            5 vec4f read for 16
//   update     the optimiser steps each vec4f of weights
//
// Integers are divided by shifts: the compiler guards a division against 0, and SwiftShader divides lane by lane.
//
// Every sum runs over its list in one order, and each invocation adds its own losses in its own cell, so a network's
// bytes depend on nothing else in the dispatch.
//
// Grid: z = networks. Workgroup: x = pairs of sample quads, y = blocks and loose rows.
// Needs shared/network, shared/finite, shared/close_epoch, shared/philox, shared/order, shared/optimizer, shared/loss, an activation,
// shared/element_loss, element-wise losses.

struct Uniforms {
  work: u32, // work of each network in this dispatch, in the unit of step_work
}

// Offsets and sizes of one network and its dataset. Numbers in the lists count within the network; `_at` are absolute.
struct Placement {
  step_work: u32,             // cost of a step, in an arbitrary unit
  validation_steps: u32,      // cost of a validation, in steps
  layers: u32,                // weight layers
  inputs: u32,                // input rows; activations hold sample numbers, input rows, then the rows of all groups
  groups: u32,
  bundles: u32,               // forward bundles, 4 per tile
  strands: u32,
  back_bundles: u32,
  back_vectors: u32,          // vec4f of copied weights: 2 per backward bundle, then 1 per 4 loose edges
  layers_at: u32,             // graph: first block and first loose row of each layer, then the total numbers of both
  blocks_at: u32,             // graph: first row, first bundle, end of bundles of each block
  loose_at: u32,              // graph: row, first edge, end of edges of each loose row
  sources_at: u32,            // graph: activation row of each bundle's source, then of each loose edge's source
  back_layers_at: u32,        // graph: the same for the backward lists, by the layer that receives the gradients
  back_blocks_at: u32,
  back_loose_at: u32,
  targets_at: u32,            // graph: row of each backward bundle's target, then of each loose edge's target
  tiles_at: u32,              // graph: first row of each tile
  strands_at: u32,            // graph: row of each strand
  kept_at: u32,               // graph: mask bits of the weights, 32 per word
  copies_at: u32,             // graph: number of the weight that each backward weight copies, or `none`
  inputs_at: u32,             // graph: dataset column of each input row
  parameters_at: u32,         // vec4f
  activations_at: u32,        // vec4f
  gradients_at: u32,          // vec4f in `activations`
  tallies_at: u32,            // elements
  cells: u32,                 // elements from one kind of tally to the next: 1 per invocation
  batch: u32,                 // samples of a mini-batch
  batch_quads: u32,           // vec4f per row in training, even
  validation_quads: u32,      // vec4f per row in validation, even
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
  tasks_at: u32,              // data: number of the loss, first output, outputs of each task
  outputs_row: u32,           // row of the first output
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> placements: array<Placement>;
@group(0) @binding(2) var<storage, read> data: array<u32>;
@group(0) @binding(3) var<storage, read> graph: array<u32>;
@group(0) @binding(4) var<storage, read_write> networks: array<Network>;
// [network][weight, first moment, second moment, best weight, gradient]
//   [2 of biases of each group, 2 of each bundle, each strand], copies
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> activations: array<vec4f>;  // [network][X rows, dZ rows][quad]
@group(0) @binding(7) var<storage, read_write> tallies: array<f32>;        // [network][kept right][task], [train loss, validation loss, right of each task][invocation]

override workgroup_x: u32;
override workgroup_y: u32;

// Activation rows before those of the groups.
const samples_row = 0u; // the sample of each column, -1 where padded; exact in f32 below 2^24
const inputs_row = 1u;
// Marks padding in the backward lists, which copies no weight.
const none = 0xffffffffu;

struct Score {
  loss: vec4f,
  right: vec4f, // 1 for a right answer, or the score of an element-wise loss
}

struct Progress {
  running: u32,
  step: u32,
  epochs: u32,
  keeps: u32, // 1: the epoch just closed is the best so far, and the level keeps its best epoch
}

var<workgroup> progress: Progress;

fn feature(p: Placement, features_at: u32, sample: u32, column: u32) -> f32 {
  let row = features_at + sample * p.sample_words;
  if (p.bytes_per_input == 1u) {
    return f32((data[row + (column >> 2u)] >> (8u * (column & 3u))) & 255u);
  }
  return bitcast<f32>(data[row + column]);
}

// Source of a batch: its columns are `width` positions from `first` on, mapped by the epoch's sample order in training.
struct Batch {
  training: bool,
  quads: u32,
  first: u32,
  width: u32,
  samples: u32,     // samples of the split
  features_at: u32,
  labels_at: u32,
}

fn gather(p: Placement, local: vec2u, b: Batch, keys: OrderKeys) {
  for (var quad = local.x; quad < b.quads; quad += workgroup_x) {
    let column = vec4u(quad * 4u) + vec4u(0u, 1u, 2u, 3u);
    let filled = (column < vec4u(b.width)) & (column + b.first < vec4u(b.samples));
    var sample = min(column + b.first, vec4u(b.samples - 1u));
    if (b.training) {
      sample = permuted_indices(sample, b.samples, p.half_bits, keys);
    }
    if (local.y == 0u) {
      activations[p.activations_at + samples_row * b.quads + quad] = select(vec4f(-1.0), vec4f(sample), filled);
    }
    for (var row = local.y; row < p.inputs; row += workgroup_y) {
      let input = graph[p.inputs_at + row];
      let mean = bitcast<f32>(data[p.standardization_at + input]);
      let scale = bitcast<f32>(data[p.standardization_at + p.columns + input]);
      let raw = vec4f(
        feature(p, b.features_at, sample.x, input),
        feature(p, b.features_at, sample.y, input),
        feature(p, b.features_at, sample.z, input),
        feature(p, b.features_at, sample.w, input),
      );
      activations[p.activations_at + (inputs_row + row) * b.quads + quad] = select(vec4f(), (raw - mean) * scale, filled);
    }
  }
}

// Number of vec4f of weights.
fn vectors(p: Placement) -> u32 {
  return 2u * (p.groups + p.bundles) + p.strands;
}

// Sums of a block's rows 0 to 3 and 4 to 7, one column per row, over two neighbouring quads of samples.
struct BlockSums {
  low: mat4x4f,
  high: mat4x4f,
  next_low: mat4x4f,
  next_high: mat4x4f,
}

// Sums of one row over two neighbouring quads of samples.
struct RowSums {
  own: vec4f,
  next: vec4f,
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

// Sums over the bundles of the block with the record at `record`. Weights start at `weights_at`; the rows start at
// `rows_at`, and their numbers are listed at `ends_at`.
fn sum_block(record: u32, weights_at: u32, ends_at: u32, rows_at: u32, quads: u32, low: mat4x4f, high: mat4x4f) -> BlockSums {
  let end = graph[record + 2u];
  var sums = BlockSums(low, high, low, high);
  for (var bundle = graph[record + 1u]; bundle < end; bundle++) {
    let w = parameters[weights_at + bundle * 2u];
    let v = parameters[weights_at + bundle * 2u + 1u];
    let row = rows_at + graph[ends_at + bundle] * quads;
    let x = activations[row];
    let y = activations[row + 1u];
    sums.low = fused(w, x, sums.low);
    sums.next_low = fused(w, y, sums.next_low);
    sums.high = fused(v, x, sums.high);
    sums.next_high = fused(v, y, sums.next_high);
  }
  return sums;
}

// Sums over the edges of the loose row with the record at `record`, in the same way.
fn sum_loose(record: u32, weights_at: u32, ends_at: u32, rows_at: u32, quads: u32, start: f32) -> RowSums {
  let end = graph[record + 2u];
  var sums = RowSums(vec4f(start), vec4f(start));
  for (var edge = graph[record + 1u]; edge < end; edge++) {
    let w = vec4f(parameters[weights_at + (edge >> 2u)][edge & 3u]);
    let row = rows_at + graph[ends_at + edge] * quads;
    sums.own = fma(w, activations[row], sums.own);
    sums.next = fma(w, activations[row + 1u], sums.next);
  }
  return sums;
}

fn every(value: vec4f) -> mat4x4f {
  return mat4x4f(vec4f(value.x), vec4f(value.y), vec4f(value.z), vec4f(value.w));
}

fn forward(p: Placement, local: vec2u, quads: u32) {
  let to = p.activations_at + (inputs_row + p.inputs) * quads;
  let weights_at = p.parameters_at + 2u * p.groups;
  let loose_weights_at = weights_at + 2u * p.bundles;
  for (var layer = 0u; layer < p.layers; layer++) {
    let is_last = layer + 1u == p.layers; // logits are not activated
    let first = p.layers_at + layer * 2u;
    for (var block_number = graph[first] + local.y; block_number < graph[first + 2u]; block_number += workgroup_y) {
      let record = p.blocks_at + block_number * 3u;
      let row = graph[record];
      let low = every(parameters[p.parameters_at + (row >> 2u)]);
      let high = every(parameters[p.parameters_at + (row >> 2u) + 1u]);
      for (var quad = local.x * 2u; quad < quads; quad += workgroup_x * 2u) {
        let sums = sum_block(record, weights_at, p.sources_at, p.activations_at + quad, quads, low, high);
        let at = to + row * quads + quad;
        activate(at, is_last, sums.low[0], sums.next_low[0]);
        activate(at + quads, is_last, sums.low[1], sums.next_low[1]);
        activate(at + 2u * quads, is_last, sums.low[2], sums.next_low[2]);
        activate(at + 3u * quads, is_last, sums.low[3], sums.next_low[3]);
        activate(at + 4u * quads, is_last, sums.high[0], sums.next_high[0]);
        activate(at + 5u * quads, is_last, sums.high[1], sums.next_high[1]);
        activate(at + 6u * quads, is_last, sums.high[2], sums.next_high[2]);
        activate(at + 7u * quads, is_last, sums.high[3], sums.next_high[3]);
      }
    }
    for (var loose = graph[first + 1u] + local.y; loose < graph[first + 3u]; loose += workgroup_y) {
      let record = p.loose_at + loose * 3u;
      let row = graph[record];
      let bias = parameters[p.parameters_at + (row >> 2u)][row & 3u];
      for (var quad = local.x * 2u; quad < quads; quad += workgroup_x * 2u) {
        let sums = sum_loose(record, loose_weights_at, p.sources_at + p.bundles, p.activations_at + quad, quads, bias);
        activate(to + row * quads + quad, is_last, sums.own, sums.next);
      }
    }
    storageBarrier();
  }
}

fn activate(x: u32, is_last: bool, own: vec4f, next: vec4f) {
  activations[x] = select(activated(own), own, is_last);
  activations[x + 1u] = select(activated(next), next, is_last);
}

// Losses of four samples by softmax cross-entropy over `outputs` rows of logits; writes the gradients in training. A
// binary task is the same with classes 0 and 1, where class 0 has logit 0: BCE with logits. The largest logit is
// subtracted first, so that no exponential overflows. Its term 1 is left out of the sum, so that log_one_plus keeps the
// precision of a small loss. A sample with a logit that is not finite has a loss that is not finite, also where exp or max
// drops NaN.
fn four_losses(z: u32, dz: u32, quads: u32, outputs: u32, is_binary: bool, label: vec4u, training: bool, weight: vec4f) -> Score {
  let first_class = select(0u, 1u, is_binary);
  var largest = vec4f(select(-3.4028234e38, 0.0, is_binary));
  var winner = vec4u(); // the first of equal logits
  var labelled = vec4f();
  var not_finite = vec4f(); // a logit that is NaN or infinite
  for (var k = 0u; k < outputs; k++) {
    let logit = activations[z + k * quads];
    not_finite = select(logit, not_finite, are_finite(logit));
    let class_number = vec4u(k + first_class);
    winner = select(winner, class_number, logit > largest);
    labelled = select(labelled, logit, class_number == label);
    largest = max(largest, logit);
  }
  var others = select(vec4f(), exp(-largest), vec4<bool>(is_binary) & (winner != vec4u()));
  for (var k = 0u; k < outputs; k++) {
    let term = exp(activations[z + k * quads] - largest);
    others += select(term, vec4f(), winner == vec4u(k + first_class));
    if (training) {
      activations[dz + k * quads] = term;
    }
  }
  if (training) {
    for (var k = 0u; k < outputs; k++) {
      let share = activations[dz + k * quads] / (1.0 + others);
      activations[dz + k * quads] = (share - select(vec4f(), vec4f(1.0), vec4u(k + first_class) == label)) * weight;
    }
  }
  return Score(log_one_plus(others) + largest - labelled + not_finite, select(vec4f(), vec4f(1.0), winner == label));
}

// The same for an element-wise loss.
fn four_element_losses(loss: u32, z: u32, dz: u32, words: vec4u, training: bool, weight: vec4f) -> Score {
  let logits = activations[z];
  let a = element_loss(loss, logits.x, words.x);
  let b = element_loss(loss, logits.y, words.y);
  let c = element_loss(loss, logits.z, words.z);
  let d = element_loss(loss, logits.w, words.w);
  if (training) {
    activations[dz] = vec4f(a.gradient, b.gradient, c.gradient, d.gradient) * weight;
  }
  return Score(vec4f(a.loss, b.loss, c.loss, d.loss), vec4f(a.score, b.score, c.score, d.score));
}

// Adds each invocation's losses (and scores, in validation) to its own cells; writes the logits' gradients in training.
fn losses(p: Placement, local: vec2u, cell: u32, b: Batch) {
  let in_batch = min(b.width, b.samples - b.first);
  let weight = 1.0 / (f32(in_batch) * f32(p.tasks));
  let z_rows = p.activations_at + (inputs_row + p.inputs + p.outputs_row) * b.quads;
  let dz_rows = p.gradients_at + p.outputs_row * b.quads;
  let cells = p.tallies_at + p.tasks + cell;
  var loss_sum = 0.0;
  for (var t = local.y; t < p.tasks; t += workgroup_y) {
    let loss = data[p.tasks_at + t * 3u];
    let first_output = data[p.tasks_at + t * 3u + 1u];
    let outputs = data[p.tasks_at + t * 3u + 2u];
    var right = 0.0;
    for (var quad = local.x; quad < b.quads; quad += workgroup_x) {
      let numbers = activations[p.activations_at + samples_row * b.quads + quad];
      let filled = numbers >= vec4f();
      let sample = vec4u(max(numbers, vec4f())) + b.labels_at + t * b.samples;
      let label = vec4u(data[sample.x], data[sample.y], data[sample.z], data[sample.w]);
      let z = z_rows + first_output * b.quads + quad;
      let dz = dz_rows + first_output * b.quads + quad;
      let weights = select(vec4f(), vec4f(weight), filled);
      var score: Score;
      if (has_element_losses && loss > 1u) {
        score = four_element_losses(loss, z, dz, label, b.training, weights);
      } else {
        score = four_losses(z, dz, b.quads, outputs, loss == 0u, label, b.training, weights);
      }
      let kept = select(vec4f(), score.loss, filled);
      let hits = select(vec4f(), score.right, filled);
      loss_sum += (kept.x + kept.y) + (kept.z + kept.w);
      right += (hits.x + hits.y) + (hits.z + hits.w);
    }
    if (!b.training) {
      tallies[cells + (2u + t) * p.cells] += right;
    }
  }
  tallies[cells + select(p.cells, 0u, b.training)] += loss_sum / f32(p.tasks);
}

fn backward(p: Placement, local: vec2u, quads: u32) {
  let rows = p.activations_at + (inputs_row + p.inputs) * quads;
  let weights_at = p.parameters_at + 5u * vectors(p);
  let loose_weights_at = weights_at + 2u * p.back_bundles;
  for (var layer = p.layers - 1u; layer > 0u; layer--) {
    let first = p.back_layers_at + (layer - 1u) * 2u;
    for (var block_number = graph[first] + local.y; block_number < graph[first + 2u]; block_number += workgroup_y) {
      let record = p.back_blocks_at + block_number * 3u;
      let row = graph[record] * quads;
      for (var quad = local.x * 2u; quad < quads; quad += workgroup_x * 2u) {
        let sums = sum_block(record, weights_at, p.targets_at, p.gradients_at + quad, quads, mat4x4f(), mat4x4f());
        let dz = p.gradients_at + row + quad;
        let x = rows + row + quad;
        pass_back(dz, x, sums.low[0], sums.next_low[0]);
        pass_back(dz + quads, x + quads, sums.low[1], sums.next_low[1]);
        pass_back(dz + 2u * quads, x + 2u * quads, sums.low[2], sums.next_low[2]);
        pass_back(dz + 3u * quads, x + 3u * quads, sums.low[3], sums.next_low[3]);
        pass_back(dz + 4u * quads, x + 4u * quads, sums.high[0], sums.next_high[0]);
        pass_back(dz + 5u * quads, x + 5u * quads, sums.high[1], sums.next_high[1]);
        pass_back(dz + 6u * quads, x + 6u * quads, sums.high[2], sums.next_high[2]);
        pass_back(dz + 7u * quads, x + 7u * quads, sums.high[3], sums.next_high[3]);
      }
    }
    for (var loose = graph[first + 1u] + local.y; loose < graph[first + 3u]; loose += workgroup_y) {
      let record = p.back_loose_at + loose * 3u;
      let row = graph[record] * quads;
      for (var quad = local.x * 2u; quad < quads; quad += workgroup_x * 2u) {
        let sums = sum_loose(record, loose_weights_at, p.targets_at + p.back_bundles, p.gradients_at + quad, quads, 0.0);
        pass_back(p.gradients_at + row + quad, rows + row + quad, sums.own, sums.next);
      }
    }
    storageBarrier();
  }
}

// Passes the gradients of one row back through the activation.
fn pass_back(dz: u32, x: u32, own: vec4f, next: vec4f) {
  activations[dz] = passed_back(own, activations[x]);
  activations[dz + 1u] = passed_back(next, activations[x + 1u]);
}

// Copies the weights, as the previous update wrote them, for the backward lists.
fn copy_weights(p: Placement, index: u32) {
  let to = p.parameters_at + 5u * vectors(p);
  for (var k = index; k < p.back_vectors; k += workgroup_x * workgroup_y) {
    let copies = p.copies_at + k * 4u;
    parameters[to + k] = vec4f(
      weight(p, graph[copies]),
      weight(p, graph[copies + 1u]),
      weight(p, graph[copies + 2u]),
      weight(p, graph[copies + 3u]),
    );
  }
}

fn weight(p: Placement, number: u32) -> f32 {
  if (number == none) {
    return 0.0;
  }
  return parameters[p.parameters_at + (number >> 2u)][number & 3u];
}

// One quad of four rows.
fn four_rows(first: u32, quads: u32) -> mat4x4f {
  return mat4x4f(
    activations[first],
    activations[first + quads],
    activations[first + 2u * quads],
    activations[first + 3u * quads],
  );
}

// Dot product of each column of x with each column of dz, as vector times matrix like in a strand, so that a gradient
// has the same bits in a tile and in a strand.
fn dots(x: mat4x4f, dz: mat4x4f) -> mat4x4f {
  return mat4x4f(x[0] * dz, x[1] * dz, x[2] * dz, x[3] * dz);
}

fn sum_gradients(p: Placement, index: u32, quads: u32) {
  let gradients_at = p.parameters_at + 4u * vectors(p);
  for (var half = index; half < 2u * p.groups; half += workgroup_x * workgroup_y) {
    let dz = p.gradients_at + half * 4u * quads;
    var sums = vec4f();
    for (var quad = 0u; quad < quads; quad++) {
      sums += vec4f(1.0) * four_rows(dz + quad, quads);
    }
    parameters[gradients_at + half] = sums;
  }
  let tiles_at = gradients_at + 2u * p.groups;
  for (var tile = index; tile < (p.bundles >> 2u); tile += workgroup_x * workgroup_y) {
    let dz = p.gradients_at + graph[p.tiles_at + tile] * quads;
    let sources = p.sources_at + tile * 4u;
    let x0 = p.activations_at + graph[sources] * quads;
    let x1 = p.activations_at + graph[sources + 1u] * quads;
    let x2 = p.activations_at + graph[sources + 2u] * quads;
    let x3 = p.activations_at + graph[sources + 3u] * quads;
    var low = mat4x4f();
    var high = mat4x4f();
    for (var quad = 0u; quad < quads; quad++) {
      let x = mat4x4f(activations[x0 + quad], activations[x1 + quad], activations[x2 + quad], activations[x3 + quad]);
      low += dots(x, four_rows(dz + quad, quads));
      high += dots(x, four_rows(dz + 4u * quads + quad, quads));
    }
    let at = tiles_at + tile * 8u;
    parameters[at] = low[0];
    parameters[at + 1u] = high[0];
    parameters[at + 2u] = low[1];
    parameters[at + 3u] = high[1];
    parameters[at + 4u] = low[2];
    parameters[at + 5u] = high[2];
    parameters[at + 6u] = low[3];
    parameters[at + 7u] = high[3];
  }
  let strands_at = tiles_at + 2u * p.bundles;
  for (var strand = index; strand < p.strands; strand += workgroup_x * workgroup_y) {
    let dz = p.gradients_at + graph[p.strands_at + strand] * quads;
    let sources = p.sources_at + p.bundles + strand * 4u;
    let x0 = p.activations_at + graph[sources] * quads;
    let x1 = p.activations_at + graph[sources + 1u] * quads;
    let x2 = p.activations_at + graph[sources + 2u] * quads;
    let x3 = p.activations_at + graph[sources + 3u] * quads;
    var sums = vec4f();
    for (var quad = 0u; quad < quads; quad++) {
      let x = mat4x4f(activations[x0 + quad], activations[x1 + quad], activations[x2 + quad], activations[x3 + quad]);
      sums += activations[dz + quad] * x;
    }
    parameters[strands_at + strand] = sums;
  }
}

fn step_weights(p: Placement, index: u32, size: StepSize) {
  let stride = vectors(p);
  for (var k = index; k < stride; k += workgroup_x * workgroup_y) {
    let at = p.parameters_at + k;
    let gradient = parameters[at + 4u * stride];
    let stepped = optimize(parameters[at], parameters[at + stride], parameters[at + 2u * stride], gradient, size);
    let bits = graph[p.kept_at + (k >> 3u)] >> (4u * (k & 7u));
    let kept = (vec4u(bits) & vec4u(1u, 2u, 4u, 8u)) != vec4u();
    parameters[at] = select(vec4f(), stepped.parameter, kept);
    parameters[at + stride] = select(vec4f(), stepped.first, kept);
    parameters[at + 2u * stride] = select(vec4f(), stepped.second, kept);
  }
}

// Sums the cells of all invocations for each kind of tally, in the order of the invocations, and clears them.
fn total_tallies(p: Placement, cell: u32) {
  for (var kind = cell; kind < 2u + p.tasks; kind += p.cells) {
    let first = p.tallies_at + p.tasks + kind * p.cells;
    var total = 0.0;
    for (var k = 0u; k < p.cells; k++) {
      total += tallies[first + k];
      tallies[first + k] = 0.0;
    }
    tallies[first] = total;
  }
}

fn close(p: Placement, n: u32) {
  let first = p.tallies_at + p.tasks;
  var network = networks[n];
  network.step = progress.step;
  network.train_loss_sum = tallies[first];
  network.validation_loss_sum = tallies[first + p.cells];
  network = close_epoch(network, p.train_samples, p.validation_samples);
  tallies[first] = 0.0;
  tallies[first + p.cells] = 0.0;
  for (var t = 0u; t < p.tasks; t++) {
    if (keeps_epoch(network)) {
      tallies[p.tallies_at + t] = tallies[first + (2u + t) * p.cells];
    }
    tallies[first + (2u + t) * p.cells] = 0.0;
  }
  networks[n] = network;
  progress = Progress(network.running, network.step, network.epochs, network.improved * network.keep_best);
}

@compute @workgroup_size(workgroup_x, workgroup_y)
fn main(@builtin(local_invocation_id) id: vec3u, @builtin(local_invocation_index) cell: u32, @builtin(workgroup_id) workgroup_id: vec3u) {
  let n = workgroup_id.z;
  let p = placements[n];
  if (cell == 0u) {
    progress = Progress(networks[n].running, networks[n].step, networks[n].epochs, 0u);
  }
  var now = workgroupUniformLoad(&progress);
  if (now.running == 0u) {
    return;
  }
  let seed = networks[n].seed;
  let level = networks[n].level;
  let optimizer = networks[n].optimizer;
  let learning_rate = networks[n].learning_rate;
  let weight_decay = networks[n].weight_decay;
  let warmup_steps = networks[n].warmup_steps;
  let steps_per_epoch = (p.train_samples + p.batch - 1u) / p.batch;
  var steps = max(1u, u.work / p.step_work);
  var validated = 0u;
  loop {
    // A dispatch never ends within a validation, so the numbers of steps and epochs define the position in the level.
    let training = now.step < (now.epochs + 1u) * steps_per_epoch;
    if (training && steps == 0u) {
      break;
    }
    var b = Batch(false, p.validation_quads, validated, p.validation_quads * 4u, p.validation_samples, p.validation_features_at, p.validation_labels_at);
    if (training) {
      let first = (now.step - now.epochs * steps_per_epoch) * p.batch;
      b = Batch(true, p.batch_quads, first, p.batch, p.train_samples, p.train_features_at, p.train_labels_at);
    }
    gather(p, id.xy, b, order_keys(seed, level, now.epochs));
    if (training) {
      copy_weights(p, cell);
    }
    storageBarrier();
    forward(p, id.xy, b.quads);
    losses(p, id.xy, cell, b);
    storageBarrier();
    if (training) {
      backward(p, id.xy, b.quads);
      now.step += 1u;
      steps -= 1u;
      sum_gradients(p, cell, b.quads);
      storageBarrier();
      step_weights(p, cell, step_size(now.step, optimizer, learning_rate, weight_decay, warmup_steps));
      storageBarrier();
      continue;
    }
    validated += b.width;
    if (validated < p.validation_samples) {
      continue;
    }
    validated = 0u;
    steps -= min(steps, p.validation_steps);
    total_tallies(p, cell);
    storageBarrier();
    if (cell == 0u) {
      progress.step = now.step;
      close(p, n);
    }
    now = workgroupUniformLoad(&progress);
    if (now.keeps == 1u) {
      for (var k = cell; k < vectors(p); k += workgroup_x * workgroup_y) {
        parameters[p.parameters_at + 3u * vectors(p) + k] = parameters[p.parameters_at + k];
      }
    }
    if (now.running == 0u) {
      break;
    }
  }
  if (cell == 0u) {
    networks[n].step = now.step;
  }
}
