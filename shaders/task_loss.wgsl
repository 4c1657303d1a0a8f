// Computes the loss of one batch of every network, task by task: BCE with logits, softmax cross-entropy over the task's
// outputs, or an element-wise loss of its output.
// The batch loss is the mean over tasks of the mean over samples. A sample with a logit that is not finite has a loss that
// is not finite, also where exp or max drops NaN, or where the formula's limit is a number.
//
// One workgroup handles one network. An invocation evaluates 4 samples of a task at once; the pairs of task and sample
// quad are dealt out one by one, so that several tasks are evaluated at the same time. Sums over the invocations are
// added in a fixed tree.
// Training (training = 1): writes the gradient of the batch loss, adds to train_loss_sum and increments the step, so
// the later kernels of the same step read a step number that starts at 1. Validation: adds to validation_loss_sum and
// adds to the score sums of each task: for a class, the number of its samples that are answered wrong, by integer atomics,
// since their order does not matter; for an element-wise loss, a sum in the fixed tree.
//
// Grid: z = networks.   Needs shared/network, shared/finite, shared/loss, shared/element_loss, element-wise losses.

struct Task {
  kind: u32,          // number of the loss: 0 binary, 1 multi-class, others element-wise
  first_output: u32,
  outputs: u32,       // 1 for a binary task
  first_sum: u32,     // of its score sums: one for each class, or one
}

struct Uniforms {
  samples: u32,            // samples of the split, and the row length of its labels
  batch: u32,              // columns of a batch that may hold a sample
  quads: u32,              // vec4 per row of samples: row length / 4
  tasks: u32,
  training: u32,           // 1: training batch, 0: validation chunk
  network_logits: u32,     // vec4f from one network's logits to the next, the same for gradients
  labels_at: u32,          // words to the split's labels: [task][sample]
  network_samples: u32,    // vec4u from one network's batch_samples to the next, 0 when all share them
  sums: u32,               // score sums of a network
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> tasks: array<Task>;
@group(0) @binding(2) var<storage, read> data: array<u32>;                      // words of the dataset
@group(0) @binding(3) var<storage, read> batch_samples: array<vec4u>;           // [network][quad], no_sample where padded
@group(0) @binding(4) var<storage, read> logits: array<vec4f>;                  // [network][output][quad]
@group(0) @binding(5) var<storage, read_write> networks: array<Network>;
@group(0) @binding(6) var<storage, read_write> logit_gradients: array<vec4f>;   // [network][output][quad]
@group(0) @binding(7) var<storage, read_write> score_sums: array<atomic<u32>>;  // [network][sum] of this validation so far: counts, or bits of an f32

override workgroup_x: u32; // a power of two

const no_sample = 0xffffffffu;

struct Score {
  loss: vec4f,
  term: vec4f, // of a score sum: 1 for a wrong answer, or the score of an element-wise loss
}

var<workgroup> is_running: u32;
var<workgroup> partial: array<f32, workgroup_x>;

// Which columns of a quad hold a sample.
struct Filled {
  is: vec4<bool>,
  weight: vec4f, // weight of each loss in the batch loss, 0 without a sample
}

fn score_binary(at: u32, labels: vec4u, filled: Filled) -> Score {
  let z = select(vec4f(), logits[at], filled.is);
  let y = vec4f(labels);
  let e = exp(-abs(z));
  let sigmoid = select(e, vec4f(1.0), z >= vec4f()) / (1.0 + e);
  if (u.training == 1u) {
    logit_gradients[at] = (sigmoid - y) * filled.weight;
  }
  let wrong = vec4f((z > vec4f()) != (labels == vec4u(1u)));
  let loss = fma(-z, y, max(z, vec4f())) + log_one_plus(e);
  return Score(select(z, loss, are_finite(z)), wrong);
}

fn score_multiclass(task: Task, first: u32, labels: vec4u, filled: Filled) -> Score {
  var largest = select(vec4f(), logits[first], filled.is);
  var winner = vec4u(); // the first of equal logits
  var own = largest;    // logit of the label
  var not_finite = vec4f(); // a logit that is NaN or infinite
  for (var k = 0u; k < task.outputs; k++) {
    let z = select(vec4f(), logits[first + k * u.quads], filled.is);
    not_finite = select(z, not_finite, are_finite(z));
    winner = select(winner, vec4u(k), z > largest);
    largest = select(largest, z, z > largest);
    own = select(own, z, labels == vec4u(k));
  }
  var total = vec4f();
  for (var k = 0u; k < task.outputs; k++) {
    total += exp(select(vec4f(), logits[first + k * u.quads], filled.is) - largest);
  }
  if (u.training == 1u) {
    for (var k = 0u; k < task.outputs; k++) {
      let share = exp(select(vec4f(), logits[first + k * u.quads], filled.is) - largest) / total;
      logit_gradients[first + k * u.quads] = (share - vec4f(labels == vec4u(k))) * filled.weight;
    }
  }
  return Score(log(total) + largest - own + not_finite, vec4f(winner != labels));
}

fn score_element(loss: u32, at: u32, labels: vec4u, filled: Filled) -> Score {
  let z = select(vec4f(), logits[at], filled.is);
  let a = element_loss(loss, z.x, labels.x);
  let b = element_loss(loss, z.y, labels.y);
  let c = element_loss(loss, z.z, labels.z);
  let d = element_loss(loss, z.w, labels.w);
  if (u.training == 1u) {
    logit_gradients[at] = vec4f(a.gradient, b.gradient, c.gradient, d.gradient) * filled.weight;
  }
  return Score(vec4f(a.loss, b.loss, c.loss, d.loss), vec4f(a.score, b.score, c.score, d.score));
}

// Sum of a number of every invocation, in invocation 0.
fn sum_over_workgroup(local: u32, value: f32) -> f32 {
  partial[local] = value;
  workgroupBarrier();
  for (var half = workgroup_x / 2u; half > 0u; half /= 2u) {
    if (local < half) {
      partial[local] += partial[local + half];
    }
    workgroupBarrier();
  }
  return partial[0];
}

// Adds the terms of four samples of a classification, each 0 or 1, to the counts of their classes.
fn count_wrong(first_sum: u32, labels: vec4u, terms: vec4f) {
  if (all(terms == vec4f())) {
    return;
  }
  for (var lane = 0u; lane < 4u; lane++) {
    if (terms[lane] == 1.0) {
      atomicAdd(&score_sums[first_sum + labels[lane]], 1u);
    }
  }
}

fn sum_of_lanes(v: vec4f) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

@compute @workgroup_size(workgroup_x)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let network = group.z;
  if (local == 0u) {
    is_running = networks[network].running;
  }
  if (workgroupUniformLoad(&is_running) == 0u) {
    return;
  }
  let step = networks[network].step;
  let steps_per_epoch = (u.samples + u.batch - 1u) / u.batch;
  let in_batch = min(u.batch, u.samples - (step % steps_per_epoch) * u.batch);
  let weight = 1.0 / (f32(in_batch) * f32(u.tasks));

  var loss = vec4f();
  for (var t = 0u; t < u.tasks; t++) {
    let task = tasks[t];
    let is_element = has_element_losses && task.kind > 1u;
    let first_sum = network * u.sums + task.first_sum;
    var scores = vec4f(); // of an element-wise loss
    // The first pair of this task falls to the invocation after that of the last pair of the task before.
    let start = (local + workgroup_x - (t * u.quads) % workgroup_x) % workgroup_x;
    for (var quad = start; quad < u.quads; quad += workgroup_x) {
      let samples = batch_samples[network * u.network_samples + quad];
      let is = samples != vec4u(no_sample);
      let filled = Filled(is, select(vec4f(), vec4f(weight), is));
      // Padding columns take the label of sample 0.
      let label = vec4u(u.labels_at + t * u.samples) + select(vec4u(), samples, is);
      let labels = vec4u(data[label.x], data[label.y], data[label.z], data[label.w]);
      let first = network * u.network_logits + task.first_output * u.quads + quad;
      var score: Score;
      if (task.kind == 0u) {
        score = score_binary(first, labels, filled);
      } else if (is_element) {
        score = score_element(task.kind, first, labels, filled);
      } else {
        score = score_multiclass(task, first, labels, filled);
      }
      loss += select(vec4f(), score.loss, is);
      let terms = select(vec4f(), score.term, is);
      if (is_element) {
        scores += terms;
      } else if (u.training == 0u) {
        count_wrong(first_sum, labels, terms);
      }
    }
    if (is_element && u.training == 0u) {
      let sum = sum_over_workgroup(local, sum_of_lanes(scores));
      if (local == 0u) {
        let before = bitcast<f32>(atomicLoad(&score_sums[first_sum]));
        atomicStore(&score_sums[first_sum], bitcast<u32>(before + sum));
      }
      workgroupBarrier();
    }
  }

  let batch_loss = sum_over_workgroup(local, sum_of_lanes(loss)) / f32(u.tasks);
  if (local == 0u) {
    if (u.training == 1u) {
      networks[network].train_loss_sum += batch_loss;
      networks[network].step = step + 1u;
    } else {
      networks[network].validation_loss_sum += batch_loss;
    }
  }
}
