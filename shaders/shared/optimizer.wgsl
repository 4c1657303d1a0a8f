// Adam (Kingma and Ba 2015, algorithm 1: epsilon added after the root) and SGD with momentum as in PyTorch, both with
// decoupled weight decay (Loshchilov and Hutter 2019), also of the biases.
// src/twin/dense_update.ts gives the reasons for the numeric choices.
//
// Sums of products are written with fma: a compiler may fuse a product with a sum in one kernel and not in another, and
// every kernel must compute the same bits.

override beta1: f32;            // Adam's first moment decay, and SGD's momentum
override beta2: f32;          // Adam's second moment decay
override complement1: f32;       // 1 - beta1, rounded once: 1 - beta2 computed in f32 has a relative error of 10^-5
override complement2: f32;       // 1 - beta2
override epsilon: f32;
override ln_beta1: f32; // natural logarithms of the betas, rounded from float64 by the host
override ln_beta2: f32;

// 1 - exp(x) for x <= 0 without cancellation: a Taylor polynomial near 0, where 1 - exp(x) loses precision.
fn one_minus_exp(x: f32) -> f32 {
  if (x > -0.25) {
    var series = fma(x, 1.0 / 6.0, 1.0);
    series = fma(x * (1.0 / 5.0), series, 1.0);
    series = fma(x * (1.0 / 4.0), series, 1.0);
    series = fma(x * (1.0 / 3.0), series, 1.0);
    series = fma(x * (1.0 / 2.0), series, 1.0);
    return -x * series;
  }
  return 1.0 - exp(x);
}

// Numbers of one step that are the same for every parameter.
struct StepSize {
  is_sgd: bool,
  kept: f32,            // share of a parameter that remains after weight decay: exactly 1 without it
  rate: f32,            // learning rate; with Adam, divided by the first bias correction
  root_scale: f32,      // 1 / root of Adam's second bias correction
}

// step: number of the step in its level, from 1. optimizer: 0 Adam, 1 SGD.
fn step_size(step: u32, optimizer: u32, learning_rate: f32, weight_decay: f32, warmup_steps: u32) -> StepSize {
  let warm = learning_rate * (f32(step) / f32(warmup_steps));
  let rate = select(warm, learning_rate, step >= warmup_steps);
  let kept = fma(-rate, weight_decay, 1.0);
  if (optimizer == 1u) {
    return StepSize(true, kept, rate, 0.0);
  }
  let correction1 = one_minus_exp(f32(step) * ln_beta1);
  let correction2 = one_minus_exp(f32(step) * ln_beta2);
  return StepSize(false, kept, rate / correction1, 1.0 / sqrt(correction2));
}

struct Update {
  parameter: vec4f,
  first: vec4f,
  second: vec4f,
}

// One step of four parameters with gradient g.
fn optimize(parameter: vec4f, first: vec4f, second: vec4f, g: vec4f, size: StepSize) -> Update {
  if (size.is_sgd) {
    let momentum = fma(vec4f(beta1), first, g);
    return Update(fma(parameter, vec4f(size.kept), -(size.rate * momentum)), momentum, second);
  }
  let m = fma(vec4f(beta1), first, complement1 * g);
  let v = fma(vec4f(beta2), second, (complement2 * g) * g);
  let root = fma(sqrt(v), vec4f(size.root_scale), vec4f(epsilon));
  return Update(fma(parameter, vec4f(size.kept), -(size.rate * m / root)), m, v);
}
