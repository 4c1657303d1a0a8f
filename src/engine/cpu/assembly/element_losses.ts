// Element-wise losses of tasks with one output. Each loss is a class with three functions of four logits and their
// label words, and an exported pass over a batch, `<name>Loss`, with the parameters of binary_loss.ts.
import { filledLanes, labelsAt } from "./lanes";
import { sumLanes } from "./sums";

/** Squared error; a label word holds the bits of a target as f32. */
class Mse {
  @inline
  loss(z: v128, word: v128): v128 {
    const error = f32x4.sub(z, word);
    return f32x4.mul(error, error);
  }

  @inline
  gradient(z: v128, word: v128): v128 {
    return f32x4.mul(f32x4.splat(2), f32x4.sub(z, word));
  }

  @inline
  score(z: v128, word: v128): v128 {
    return this.loss(z, word);
  }
}

@inline
function elementLoss<T>(
  logits: usize,
  gradients: usize,
  labels: usize,
  samples: usize,
  filled: u32,
  columns: u32,
  weight: f32,
  score: usize,
): f64 {
  const formulas = changetype<T>(0);
  let sum = f32x4.splat(0);
  let scores = f32x4.splat(0);
  for (let column: u32 = 0; column < columns; column += 4) {
    const filledHere = filledLanes(column, filled);
    const z = v128.load(logits + (<usize>column << 2));
    const word = labelsAt(labels, samples, column, filled);
    sum = f32x4.add(sum, v128.and(formulas.loss(z, word), filledHere));
    scores = f32x4.add(scores, v128.and(formulas.score(z, word), filledHere));
    if (gradients != 0) {
      const gradient = f32x4.mul(formulas.gradient(z, word), f32x4.splat(weight));
      v128.store(gradients + (<usize>column << 2), v128.and(gradient, filledHere));
    }
  }
  store<f32>(score, load<f32>(score) + sumLanes(scores));
  return (
    <f64>f32x4.extract_lane(sum, 0) +
    <f64>f32x4.extract_lane(sum, 1) +
    <f64>f32x4.extract_lane(sum, 2) +
    <f64>f32x4.extract_lane(sum, 3)
  );
}

export function mseLoss(
  logits: usize,
  gradients: usize,
  outputs: u32,
  stride: usize,
  labels: usize,
  samples: usize,
  filled: u32,
  columns: u32,
  weight: f32,
  score: usize,
): f64 {
  return elementLoss<Mse>(logits, gradients, labels, samples, filled, columns, weight, score);
}
