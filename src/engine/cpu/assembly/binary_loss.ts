// Binary cross-entropy with logits of one task: max(z, 0) - z y + log(1 + e^-|z|), which does not overflow for any
// logit.
import { countWrong, filledLanes, labelsAt } from "./lanes";
import { exponential, logOnePlus } from "./math";

/**
 * @param logits f32 [column]
 * @param gradients f32 [column], of the loss with respect to the logits; 0 (no address) for validation
 * @param labels u32 [sample of the split], 0 or 1
 * @param samples u32 [filled], the sample of each column
 * @param weight factor of a sample's gradient
 * @param outputs 1; all losses have this parameter
 * @param scores u32 [class]; in validation, the number of its samples with the wrong sign is added to each
 * @returns the sum of the losses of the samples
 */
export function binaryLoss(
  logits: usize,
  gradients: usize,
  outputs: u32,
  stride: usize,
  labels: usize,
  samples: usize,
  filled: u32,
  columns: u32,
  weight: f32,
  scores: usize,
): f64 {
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  let sum = zero;
  for (let column: u32 = 0; column < columns; column += 4) {
    const filledHere = filledLanes(column, filled);
    const z = v128.load(logits + (<usize>column << 2));
    const label = labelsAt(labels, samples, column, filled);
    const y = f32x4.convert_i32x4_u(label);
    const e = exponential(f32x4.neg(f32x4.abs(z)));
    const loss = f32x4.add(f32x4.sub(f32x4.pmax(z, zero), f32x4.mul(z, y)), logOnePlus(e));
    sum = f32x4.add(sum, v128.and(loss, filledHere));
    if (gradients == 0) {
      const isWrong = i32x4.ne(f32x4.gt(z, zero), i32x4.ne(label, i32x4.splat(0)));
      countWrong(scores, v128.and(isWrong, filledHere), labels, samples, column);
    } else {
      const sigmoid = f32x4.div(v128.bitselect(one, e, f32x4.ge(z, zero)), f32x4.add(one, e));
      const gradient = f32x4.mul(f32x4.sub(sigmoid, y), f32x4.splat(weight));
      v128.store(gradients + (<usize>column << 2), v128.and(gradient, filledHere));
    }
  }
  return (
    <f64>f32x4.extract_lane(sum, 0) +
    <f64>f32x4.extract_lane(sum, 1) +
    <f64>f32x4.extract_lane(sum, 2) +
    <f64>f32x4.extract_lane(sum, 3)
  );
}
