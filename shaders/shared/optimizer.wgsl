// Adam (Kingma and Ba 2015, algorithm 1: epsilon added after the root) and SGD with momentum as in PyTorch, both with
// decoupled weight decay (Loshchilov and Hutter 2019) and a proximal step for an L1 penalty (Parikh and Boyd 2014, section
// 6.5.2), also of the biases.
// src/twin/dense_update.ts gives the reasons for the numeric choices.
//
// Sums of products are written with fma: a compiler may fuse a product with a sum in one kernel and not in another, and
// every kernel must compute the same bits.

override beta1: f32;            // Adam's first moment decay
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
  momentum: f32,        // of SGD
  shrink: f32,          // amount that a parameter then moves towards 0
}

// The learning rate of a step, by warm-up and milestones.
fn rate_of_step(network: u32, step: u32) -> f32 {
  let learning_rate = networks[network].learning_rate;
  let warmup_steps = networks[network].warmup_steps;
  let warm = learning_rate * (f32(step) / f32(warmup_steps));
  let rate = select(warm, learning_rate, step >= warmup_steps);
  let milestones = vec4u(
    networks[network].milestone1,
    networks[network].milestone2,
    networks[network].milestone3,
    networks[network].milestone4,
  );
  let are_passed = (milestones > vec4u(0u)) & (vec4u(step) > milestones);
  let factors = select(vec4f(1.0), vec4f(networks[network].milestone_factor), are_passed);
  return rate * factors.x * factors.y * factors.z * factors.w;
}

// network: its place in `networks`. step: number of the step in its level, from 1.
fn step_size(network: u32, step: u32) -> StepSize {
  let rate = rate_of_step(network, step);
  let kept = fma(-rate, networks[network].weight_decay, 1.0);
  let shrink = rate * networks[network].l1;
  if (networks[network].optimizer == 1u) {
    return StepSize(true, kept, rate, 0.0, networks[network].momentum, shrink);
  }
  let correction1 = one_minus_exp(f32(step) * ln_beta1);
  let correction2 = one_minus_exp(f32(step) * ln_beta2);
  return StepSize(false, kept, rate / correction1, 1.0 / sqrt(correction2), 0.0, shrink);
}

// Soft threshold.
fn shrunk(parameter: vec4f, size: StepSize) -> vec4f {
  let left = sign(parameter) * max(abs(parameter) - size.shrink, vec4f(0.0));
  return select(parameter, left, size.shrink > 0.0);
}

struct Update {
  parameter: vec4f,
  first: vec4f,
  second: vec4f,
}

// One step of four parameters with gradient g.
fn optimize(parameter: vec4f, first: vec4f, second: vec4f, g: vec4f, size: StepSize) -> Update {
  if (size.is_sgd) {
    let momentum = fma(vec4f(size.momentum), first, g);
    let moved = fma(parameter, vec4f(size.kept), -(size.rate * momentum));
    return Update(shrunk(moved, size), momentum, second);
  }
  let m = fma(vec4f(beta1), first, complement1 * g);
  let v = fma(vec4f(beta2), second, (complement2 * g) * g);
  let root = fma(sqrt(v), vec4f(size.root_scale), vec4f(epsilon));
  let moved = fma(parameter, vec4f(size.kept), -(size.rate * m / root));
  return Update(shrunk(moved, size), m, v);
}
