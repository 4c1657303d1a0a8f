// One optimiser step of all weights and biases of a network, stored contiguously; `count` is a multiple of 4.
// Weight decay is decoupled (Loshchilov and Hutter 2019). src/twin/dense_update.ts explains the numerical choices.

/**
 * Adam (Kingma and Ba 2015, algorithm 1: epsilon added after the root).
 * @param kept factor of each parameter by weight decay; exactly 1 without it
 * @param rate learning rate divided by the first bias correction
 * @param rootScale 1 / square root of the second bias correction
 */
export function adam(
  values: usize,
  first: usize,
  second: usize,
  gradients: usize,
  count: u32,
  kept: f32,
  rate: f32,
  rootScale: f32,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
): void {
  for (const end = values + (<usize>count << 2); values < end; values += 16) {
    const g = v128.load(gradients);
    const m = f32x4.add(
      f32x4.mul(f32x4.splat(beta1), v128.load(first)),
      f32x4.mul(f32x4.splat(oneMinusBeta1), g),
    );
    const v = f32x4.add(
      f32x4.mul(f32x4.splat(beta2), v128.load(second)),
      f32x4.mul(f32x4.mul(f32x4.splat(oneMinusBeta2), g), g),
    );
    v128.store(first, m);
    v128.store(second, v);
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(rootScale)), f32x4.splat(epsilon));
    const decayed = f32x4.mul(v128.load(values), f32x4.splat(kept));
    v128.store(values, f32x4.sub(decayed, f32x4.div(f32x4.mul(f32x4.splat(rate), m), root)));
    first += 16;
    second += 16;
    gradients += 16;
  }
}

/** SGD with momentum as in PyTorch; `kept` as for {@link adam}. */
export function momentum(
  values: usize,
  first: usize,
  gradients: usize,
  count: u32,
  kept: f32,
  rate: f32,
  beta: f32,
): void {
  for (const end = values + (<usize>count << 2); values < end; values += 16) {
    const m = f32x4.add(f32x4.mul(f32x4.splat(beta), v128.load(first)), v128.load(gradients));
    v128.store(first, m);
    const decayed = f32x4.mul(v128.load(values), f32x4.splat(kept));
    v128.store(values, f32x4.sub(decayed, f32x4.mul(f32x4.splat(rate), m)));
    first += 16;
    gradients += 16;
  }
}

/** Moves each value by `by` towards 0, and to 0 where that passes it: the proximal step of an L1 penalty. */
export function shrink(values: usize, count: u32, by: f32): void {
  const signs = i32x4.splat(0x80000000);
  for (const end = values + (<usize>count << 2); values < end; values += 16) {
    const value = v128.load(values);
    const left = f32x4.max(f32x4.sub(f32x4.abs(value), f32x4.splat(by)), f32x4.splat(0));
    v128.store(values, v128.or(left, v128.and(value, signs)));
  }
}
