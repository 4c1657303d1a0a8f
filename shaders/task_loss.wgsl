// Computes the loss of one batch of every network, task by task: BCE with logits, softmax cross-entropy over the task's
// outputs, or an element-wise loss of its output.
// The batch loss is the mean over tasks of the mean over samples. A sample with a logit that is not finite has a loss that
// is not finite, also where exp or max drops NaN, or where the formula's limit is a number.
//
// One workgroup handles one network. Its invocations stride over the samples, then add their sums in a fixed tree.
// Training (training = 1): writes the gradient of the batch loss, adds to train_loss_sum and increments the step, so
// the later kernels of the same step read a step number that starts at 1. Validation: adds to validation_loss_sum and
// sums the scores of each task.
//
// Grid: z = networks.   Needs shared/network, shared/finite, shared/element_loss, element-wise losses.

struct Task {
  kind: u32,          // number of the loss: 0 binary, 1 multi-class, others element-wise
  first_output: u32,
  outputs: u32,       // 1 for a binary task
}

struct Uniforms {
  samples: u32,            // samples of the split, and the row length of its labels
  batch: u32,              // columns of a batch that may hold a sample
  quads: u32,              // vec4 per row of samples: row length / 4
  tasks: u32,
  training: u32,           // 1: training batch, 0: validation chunk
  network_logits: u32,     // elements from one network's logits to the next, the same for gradients
  labels_at: u32,          // words to the split's labels: [task][sample]
  network_samples: u32,    // elements from one network's batch_samples to the next, 0 when all share them
}

@group(0) @binding(0) var<uniform> u: Uniforms;
@group(0) @binding(1) var<storage, read> tasks: array<Task>;
@group(0) @binding(2) var<storage, read> data: array<u32>;                      // words of the dataset
@group(0) @binding(3) var<storage, read> batch_samples: array<u32>;             // [network][column], no_sample where padded
@group(0) @binding(4) var<storage, read> logits: array<f32>;                    // [network][output][column]
@group(0) @binding(5) var<storage, read_write> networks: array<Network>;
@group(0) @binding(6) var<storage, read_write> logit_gradients: array<f32>;     // [network][output][column]
@group(0) @binding(7) var<storage, read_write> score_sums: array<f32>;          // [network][task] scores summed so far in this validation

override workgroup_x: u32; // a power of two

const no_sample = 0xffffffffu;

struct Score {
  loss: f32,
  right: f32, // 1 for a right answer, or the score of an element-wise loss
}

var<workgroup> partial_loss: array<f32, workgroup_x>;
var<workgroup> partial_right: array<f32, workgroup_x>;

// log(1 + e) for e in (0, 1]: near 0 a series avoids the rounding error of 1 + e.
fn log_one_plus(e: f32) -> f32 {
  return select(log(1.0 + e), e * (1.0 - e * (0.5 - e * (1.0 / 3.0))), e < 0.01);
}

fn score_binary(at: u32, label: u32, weight: f32) -> Score {
  let z = logits[at];
  let y = f32(label);
  let e = exp(-abs(z));
  let sigmoid = select(e, 1.0, z >= 0.0) / (1.0 + e);
  if (u.training == 1u) {
    logit_gradients[at] = (sigmoid - y) * weight;
  }
  let loss = max(z, 0.0) - z * y + log_one_plus(e);
  return Score(select(z, loss, is_finite(z)), f32((z > 0.0) == (label == 1u)));
}

fn score_multiclass(task: Task, at: u32, label: u32, weight: f32) -> Score {
  let stride = u.quads * 4u;
  var largest = logits[at];
  var winner = 0u; // the first of equal logits
  var not_finite = 0.0; // a logit that is NaN or infinite
  for (var k = 0u; k < task.outputs; k++) {
    let z = logits[at + k * stride];
    not_finite = select(z, not_finite, is_finite(z));
    if (z > largest) {
      largest = z;
      winner = k;
    }
  }
  var total = 0.0;
  for (var k = 0u; k < task.outputs; k++) {
    total += exp(logits[at + k * stride] - largest);
  }
  if (u.training == 1u) {
    for (var k = 0u; k < task.outputs; k++) {
      let share = exp(logits[at + k * stride] - largest) / total;
      logit_gradients[at + k * stride] = (share - f32(k == label)) * weight;
    }
  }
  return Score(log(total) + largest - logits[at + label * stride] + not_finite, f32(winner == label));
}

fn score_element(loss: u32, at: u32, word: u32, weight: f32) -> Score {
  let element = element_loss(loss, logits[at], word);
  if (u.training == 1u) {
    logit_gradients[at] = element.gradient * weight;
  }
  return Score(element.loss, element.score);
}

@compute @workgroup_size(workgroup_x)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) group: vec3u) {
  let network = group.z;
  let running = networks[network].running;
  let step = networks[network].step;
  let steps_per_epoch = (u.samples + u.batch - 1u) / u.batch;
  let in_batch = min(u.batch, u.samples - (step % steps_per_epoch) * u.batch);
  let weight = 1.0 / (f32(in_batch) * f32(u.tasks));

  var epoch_loss = 0.0;
  for (var t = 0u; t < u.tasks; t++) {
    let task = tasks[t];
    var loss = 0.0;
    var right = 0.0;
    if (running == 1u) {
      for (var column = local; column < u.quads * 4u; column += workgroup_x) {
        let sample = batch_samples[network * u.network_samples + column];
        let at = network * u.network_logits + task.first_output * u.quads * 4u + column;
        if (sample == no_sample) {
          if (u.training == 1u) {
            for (var k = 0u; k < task.outputs; k++) {
              logit_gradients[at + k * u.quads * 4u] = 0.0;
            }
          }
          continue;
        }
        let label = data[u.labels_at + t * u.samples + sample];
        var score: Score;
        if (task.kind == 0u) {
          score = score_binary(at, label, weight);
        } else if (has_element_losses && task.kind > 1u) {
          score = score_element(task.kind, at, label, weight);
        } else {
          score = score_multiclass(task, at, label, weight);
        }
        loss += score.loss;
        right += score.right;
      }
    }
    partial_loss[local] = loss;
    partial_right[local] = right;
    workgroupBarrier();
    for (var half = workgroup_x / 2u; half > 0u; half /= 2u) {
      if (local < half) {
        partial_loss[local] += partial_loss[local + half];
        partial_right[local] += partial_right[local + half];
      }
      workgroupBarrier();
    }
    if (local == 0u && running == 1u) {
      epoch_loss += partial_loss[0] / f32(u.tasks);
      if (u.training == 0u) {
        score_sums[network * u.tasks + t] += partial_right[0];
      }
    }
    workgroupBarrier();
  }

  if (local == 0u && running == 1u) {
    if (u.training == 1u) {
      networks[network].train_loss_sum += epoch_loss;
      networks[network].step = step + 1u;
    } else {
      networks[network].validation_loss_sum += epoch_loss;
    }
  }
}
