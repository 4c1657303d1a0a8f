// Trains every network of a population for a while, each by a workgroup of its own, over the edges that are left.
//
// One dispatch gives each network `work / step_work` optimiser steps, validating and closing its epochs as it passes their ends;
// it stops at a step, so the next dispatch goes on exactly where this one stopped. Barriers are inside the workgroup only:
// networks differ in shape, batch, seed, level and settings, and none waits for another.
//
// A step is: batch, forward, loss, backward, gradient, update. Activations are feature-major, [row][quad of samples]. The graph
// (src/engine/resident_graph.ts) is drawn up by the host from the mask:
//
//   group    four neighbouring neurons of one layer; the last one of a layer is padded
//   bundle   the edges from one source into one group, a vec4f of weights, pruned ones 0; biases come from a source that is 1
//   tile     four bundles into one group, the last ones of a group padded
//   tie      the edges from one group to one neuron of the next layer; its four weights are copies, `transposed`
//
//   forward    a group's sums walk its bundles     2 vec4f read for 32 multiply-adds
//   backward   a group's sums walk its ties        2 vec4f read for 32 multiply-adds
//   gradient   a tile's sums walk the samples      8 vec4f read for 64 multiply-adds
//   update     the optimiser steps each bundle
//
// Every sum walks its list in one order, and each invocation adds up its own losses in its own cell, so a network's bytes
// depend on nothing else in the dispatch.
//
// Grid: z = networks. Workgroup: x = pairs of sample quads, y = groups.
// Needs shared/network, shared/close_epoch, shared/philox, shared/order, shared/optimizer, shared/loss.

struct Uniforms {
  work: u32, // units of step_work that each network gets
}

// Where one network lies, and what it trains on. Rows, bundles, ties are counted within the network; `_at` are absolute.
struct Placement {
  step_work: u32,             // what a step costs, in any unit
  layers: u32,                // weight layers
  inputs: u32,                // input rows; activations hold ones, sample numbers, the input rows, then the rows of all groups
  tiles: u32,                 // of all layers
  bundles: u32,               // 4 tiles; vec4f from weights to first moments, second moments, best weights, gradients
  layers_at: u32,             // graph: first group of each layer, and the number of groups
  groups_at: u32,             // graph: first bundle, end of bundles, first tie, end of ties of each group
  sources_at: u32,            // graph: activation row of each bundle's source
  tiles_at: u32,              // graph: first group row << 16 | kept bits, 4 of each bundle
  copies_at: u32,             // graph: place of each weight in `transposed`; one that no tie needs has a place behind the ties
  ties_at: u32,               // graph: group row of each tie's neuron
  inputs_at: u32,             // graph: dataset column of each input row
  parameters_at: u32,         // vec4f
  transposed_at: u32,         // elements
  activations_at: u32,        // vec4f
  gradients_at: u32,          // vec4f in `activations`
  tallies_at: u32,            // elements
  cells: u32,                 // elements from one kind of tally to the next: one for each invocation
  batch: u32,                 // samples of a mini-batch
  batch_quads: u32,           // vec4f per row while it trains, even
  validation_quads: u32,      // vec4f per row while it validates, even
  train_samples: u32,
  validation_samples: u32,
  half_bits: u32,             // of the sample order's Feistel network
  bytes_per_input: u32,       // 1: u8, 4: f32
  sample_words: u32,          // words from one sample's inputs to the next
  columns: u32,               // dataset columns, from means to scales
  standardization_at: u32,    // data: means, then scales
  train_features_at: u32,     // data
  validation_features_at: u32,
  train_labels_at: u32,       // data: [task][sample]
  validation_labels_at: u32,
  tasks: u32,
  tasks_at: u32,              // data: kind (0 binary, 1 multi-class), first output, outputs of each task
  outputs_row: u32,           // group row of the first output
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> placements: array<Placement>;
@group(0) @binding(2) var<storage, read> data: array<u32>;
@group(0) @binding(3) var<storage, read> graph: array<u32>;
@group(0) @binding(4) var<storage, read_write> networks: array<Network>;
@group(0) @binding(5) var<storage, read_write> parameters: array<vec4f>;   // [network][weight, first moment, second moment, best weight, gradient][bundle]
@group(0) @binding(6) var<storage, read_write> transposed: array<f32>;     // [network][tie][neuron of the group]
@group(0) @binding(7) var<storage, read_write> activations: array<vec4f>;  // [network][X rows, dZ rows][quad]
@group(0) @binding(8) var<storage, read_write> tallies: array<f32>;        // [network][kept right][task], [train loss, validation loss, right of each task][invocation]

override workgroup_x: u32;
override workgroup_y: u32;

// Activation rows before the inputs.
const ones_row = 0u;
const samples_row = 1u; // the sample of each column, -1 where padded; exact in f32 below 2^24
const inputs_row = 2u;

struct Score {
  loss: vec4f,
  right: vec4<bool>,
}

struct Progress {
  running: u32,
  step: u32,
  epochs: u32,
  keeps: u32, // 1: the epoch just closed is the best so far, and the level keeps its best
}

var<workgroup> progress: Progress;

fn feature(p: Placement, features_at: u32, sample: u32, column: u32) -> f32 {
  let row = features_at + sample * p.sample_words;
  if (p.bytes_per_input == 1u) {
    return f32((data[row + column / 4u] >> (8u * (column % 4u))) & 255u);
  }
  return bitcast<f32>(data[row + column]);
}

// Where a batch comes from: columns are `width` positions from `first` on, through the epoch's order where it trains.
struct Batch {
  training: bool,
  quads: u32,
  first: u32,
  width: u32,
  samples: u32,     // of the split
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
      activations[p.activations_at + ones_row * b.quads + quad] = vec4f(1.0);
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

fn forward(p: Placement, local: vec2u, quads: u32) {
  let group_rows_at = p.activations_at + (inputs_row + p.inputs) * quads;
  for (var layer = 0u; layer < p.layers; layer++) {
    let lowest = select(vec4f(0.0), vec4f(-3.4028234e38), layer + 1u == p.layers); // rectify all but the logits
    let end = graph[p.layers_at + layer + 1u];
    for (var group = graph[p.layers_at + layer] + local.y; group < end; group += workgroup_y) {
      let first_bundle = graph[p.groups_at + group * 4u];
      let end_bundle = graph[p.groups_at + group * 4u + 1u];
      for (var quad = local.x * 2u; quad < quads; quad += workgroup_x * 2u) {
        var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
        var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
        for (var bundle = first_bundle; bundle < end_bundle; bundle++) {
          let w = parameters[p.parameters_at + bundle];
          let row = p.activations_at + graph[p.sources_at + bundle] * quads + quad;
          let x = activations[row];
          let y = activations[row + 1u];
          a0 = fma(vec4f(w.x), x, a0);
          b0 = fma(vec4f(w.x), y, b0);
          a1 = fma(vec4f(w.y), x, a1);
          b1 = fma(vec4f(w.y), y, b1);
          a2 = fma(vec4f(w.z), x, a2);
          b2 = fma(vec4f(w.z), y, b2);
          a3 = fma(vec4f(w.w), x, a3);
          b3 = fma(vec4f(w.w), y, b3);
        }
        let at = group_rows_at + group * 4u * quads + quad;
        activations[at] = max(a0, lowest);
        activations[at + 1u] = max(b0, lowest);
        activations[at + quads] = max(a1, lowest);
        activations[at + quads + 1u] = max(b1, lowest);
        activations[at + 2u * quads] = max(a2, lowest);
        activations[at + 2u * quads + 1u] = max(b2, lowest);
        activations[at + 3u * quads] = max(a3, lowest);
        activations[at + 3u * quads + 1u] = max(b3, lowest);
      }
    }
    storageBarrier();
  }
}

// Losses of four samples at a time by softmax cross-entropy over `outputs` rows of logits; writes the gradients where training.
// A binary task is the same with classes 0 and 1, the logit of class 0 being 0: BCE with logits. Largest logit off first, so that
// no exponential overflows, and left out of the sum, so that log_one_plus keeps a small loss's digits.
fn four_losses(z: u32, dz: u32, quads: u32, outputs: u32, is_binary: bool, label: vec4u, training: bool, weight: vec4f) -> Score {
  let first_class = select(0u, 1u, is_binary);
  var largest = vec4f(select(-3.4028234e38, 0.0, is_binary));
  var winner = vec4u(); // the first of equal logits
  var labelled = vec4f();
  for (var k = 0u; k < outputs; k++) {
    let logit = activations[z + k * quads];
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
  return Score(log_one_plus(others) + largest - labelled, winner == label);
}

// Adds each invocation's losses (and hits, in validation) to its own cells; writes the logits' gradients where training.
fn losses(p: Placement, local: vec2u, cell: u32, b: Batch) {
  let in_batch = min(b.width, b.samples - b.first);
  let weight = 1.0 / (f32(in_batch) * f32(p.tasks));
  let z_rows = p.activations_at + (inputs_row + p.inputs + p.outputs_row) * b.quads;
  let dz_rows = p.gradients_at + p.outputs_row * b.quads;
  let cells = p.tallies_at + p.tasks + cell;
  var loss_sum = 0.0;
  for (var t = local.y; t < p.tasks; t += workgroup_y) {
    let is_binary = data[p.tasks_at + t * 3u] == 0u;
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
      let score = four_losses(z, dz, b.quads, outputs, is_binary, label, b.training, weights);
      let kept = select(vec4f(), score.loss, filled);
      let hits = select(vec4f(), vec4f(1.0), filled & score.right);
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
  let group_rows_at = p.activations_at + (inputs_row + p.inputs) * quads;
  for (var layer = p.layers - 1u; layer > 0u; layer--) {
    let end = graph[p.layers_at + layer];
    for (var group = graph[p.layers_at + layer - 1u] + local.y; group < end; group += workgroup_y) {
      let first_tie = graph[p.groups_at + group * 4u + 2u];
      let end_tie = graph[p.groups_at + group * 4u + 3u];
      for (var quad = local.x * 2u; quad < quads; quad += workgroup_x * 2u) {
        var a0 = vec4f(); var a1 = vec4f(); var a2 = vec4f(); var a3 = vec4f();
        var b0 = vec4f(); var b1 = vec4f(); var b2 = vec4f(); var b3 = vec4f();
        for (var tie = first_tie; tie < end_tie; tie++) {
          let place = p.transposed_at + tie * 4u;
          let w = vec4f(transposed[place], transposed[place + 1u], transposed[place + 2u], transposed[place + 3u]);
          let row = p.gradients_at + graph[p.ties_at + tie] * quads + quad;
          let d = activations[row];
          let e = activations[row + 1u];
          a0 = fma(vec4f(w.x), d, a0);
          b0 = fma(vec4f(w.x), e, b0);
          a1 = fma(vec4f(w.y), d, a1);
          b1 = fma(vec4f(w.y), e, b1);
          a2 = fma(vec4f(w.z), d, a2);
          b2 = fma(vec4f(w.z), e, b2);
          a3 = fma(vec4f(w.w), d, a3);
          b3 = fma(vec4f(w.w), e, b3);
        }
        let row = group * 4u * quads + quad;
        pass_back(p.gradients_at + row, group_rows_at + row, a0, b0);
        pass_back(p.gradients_at + row + quads, group_rows_at + row + quads, a1, b1);
        pass_back(p.gradients_at + row + 2u * quads, group_rows_at + row + 2u * quads, a2, b2);
        pass_back(p.gradients_at + row + 3u * quads, group_rows_at + row + 3u * quads, a3, b3);
      }
    }
    storageBarrier();
  }
}

// Gradients through the ReLU of one row.
fn pass_back(dz: u32, x: u32, a: vec4f, b: vec4f) {
  activations[dz] = select(vec4f(), a, activations[x] > vec4f());
  activations[dz + 1u] = select(vec4f(), b, activations[x + 1u] > vec4f());
}

fn dots(x: vec4f, a: vec4f, b: vec4f, c: vec4f, d: vec4f) -> vec4f {
  return vec4f(dot(x, a), dot(x, b), dot(x, c), dot(x, d));
}

fn sum_gradients(p: Placement, index: u32, quads: u32) {
  for (var tile = index; tile < p.tiles; tile += workgroup_x * workgroup_y) {
    let word = graph[p.tiles_at + tile];
    let d0 = p.gradients_at + (word >> 16u) * quads;
    let d1 = d0 + quads;
    let d2 = d1 + quads;
    let d3 = d2 + quads;
    let sources = p.sources_at + tile * 4u;
    let x0 = p.activations_at + graph[sources] * quads;
    let x1 = p.activations_at + graph[sources + 1u] * quads;
    let x2 = p.activations_at + graph[sources + 2u] * quads;
    let x3 = p.activations_at + graph[sources + 3u] * quads;
    var g0 = vec4f(); var g1 = vec4f(); var g2 = vec4f(); var g3 = vec4f();
    for (var quad = 0u; quad < quads; quad++) {
      let da = activations[d0 + quad];
      let db = activations[d1 + quad];
      let dc = activations[d2 + quad];
      let dd = activations[d3 + quad];
      g0 += dots(activations[x0 + quad], da, db, dc, dd);
      g1 += dots(activations[x1 + quad], da, db, dc, dd);
      g2 += dots(activations[x2 + quad], da, db, dc, dd);
      g3 += dots(activations[x3 + quad], da, db, dc, dd);
    }
    let at = p.parameters_at + 4u * p.bundles + tile * 4u;
    parameters[at] = g0;
    parameters[at + 1u] = g1;
    parameters[at + 2u] = g2;
    parameters[at + 3u] = g3;
  }
}

fn step_bundles(p: Placement, index: u32, size: StepSize) {
  for (var bundle = index; bundle < p.bundles; bundle += workgroup_x * workgroup_y) {
    let at = p.parameters_at + bundle;
    let gradient = parameters[at + 4u * p.bundles];
    let stepped = optimize(parameters[at], parameters[at + p.bundles], parameters[at + 2u * p.bundles], gradient, size);
    let bits = graph[p.tiles_at + bundle / 4u] >> (4u * (bundle % 4u));
    let kept = (vec4u(bits) & vec4u(1u, 2u, 4u, 8u)) != vec4u();
    let w = select(vec4f(), stepped.parameter, kept);
    parameters[at] = w;
    parameters[at + p.bundles] = select(vec4f(), stepped.first, kept);
    parameters[at + 2u * p.bundles] = select(vec4f(), stepped.second, kept);
    let copies = p.copies_at + bundle * 4u;
    transposed[p.transposed_at + graph[copies]] = w.x;
    transposed[p.transposed_at + graph[copies + 1u]] = w.y;
    transposed[p.transposed_at + graph[copies + 2u]] = w.z;
    transposed[p.transposed_at + graph[copies + 3u]] = w.w;
  }
}

// Adds up the cells of all invocations, kind by kind, each in the order of the invocations; clears them.
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
  let steps_per_epoch = (p.train_samples + p.batch - 1u) / p.batch;
  let quads = p.batch_quads;
  var steps = max(1u, u.work / p.step_work);
  var validated = 0u;
  loop {
    // A validation is never left half done, so the number of steps and of epochs tells where the level stands.
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
      step_bundles(p, cell, step_size(now.step, optimizer, learning_rate));
      storageBarrier();
      continue;
    }
    validated += b.width;
    if (validated < p.validation_samples) {
      continue;
    }
    validated = 0u;
    total_tallies(p, cell);
    storageBarrier();
    if (cell == 0u) {
      progress.step = now.step;
      close(p, n);
    }
    now = workgroupUniformLoad(&progress);
    if (now.keeps == 1u) {
      for (var bundle = cell; bundle < p.bundles; bundle += workgroup_x * workgroup_y) {
        parameters[p.parameters_at + 3u * p.bundles + bundle] = parameters[p.parameters_at + bundle];
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
