// Softmax cross-entropy of one task; the largest logit is subtracted first so that no exponential overflows.
import { countWrong, filledLanes, labelsAt } from "./lanes";
import { exponential, logarithm } from "./math";

/**
 * @param logits f32 [class][column]
 * @param gradients f32 [class][column], of the loss with respect to the logits; 0 (no address) for validation
 * @param labels u32 [sample of the split], the class
 * @param samples u32 [filled], the sample of each column
 * @param weight factor of a sample's gradient
 * @param scores u32 [class]; in validation, the number of its samples for which another class has the largest logit
 * (ties: the first class) is added to each
 * @returns the sum of the losses of the samples
 */
export function multiclassLoss(
  logits: usize,
  gradients: usize,
  classes: u32,
  stride: usize,
  labels: usize,
  samples: usize,
  filled: u32,
  columns: u32,
  weight: f32,
  scores: usize,
): f64 {
  let sum = f32x4.splat(0);
  const end = <usize>classes * stride;
  for (let column: u32 = 0; column < columns; column += 4) {
    const filledHere = filledLanes(column, filled);
    const label = labelsAt(labels, samples, column, filled);
    const z = logits + (<usize>column << 2);
    let largest = v128.load(z);
    let winner = i32x4.splat(0);
    let ofLabel = largest;
    // 0, or NaN if a logit is not finite: the exponential of -infinity would drop it.
    let zero = f32x4.mul(largest, f32x4.splat(0));
    let k: i32 = 1;
    for (let at = stride; at < end; at += stride) {
      const logit = v128.load(z + at);
      zero = f32x4.add(zero, f32x4.mul(logit, f32x4.splat(0)));
      const isLarger = f32x4.gt(logit, largest);
      largest = v128.bitselect(logit, largest, isLarger);
      winner = v128.bitselect(i32x4.splat(k), winner, isLarger);
      ofLabel = v128.bitselect(logit, ofLabel, i32x4.eq(label, i32x4.splat(k)));
      k++;
    }
    let total = f32x4.splat(0);
    for (let at: usize = 0; at < end; at += stride) {
      total = f32x4.add(total, exponential(f32x4.sub(v128.load(z + at), largest)));
    }
    const loss = f32x4.add(f32x4.sub(f32x4.add(logarithm(total), largest), ofLabel), zero);
    sum = f32x4.add(sum, v128.and(loss, filledHere));
    if (gradients == 0) {
      countWrong(scores, v128.and(i32x4.ne(winner, label), filledHere), labels, samples, column);
    } else {
      const to = gradients + (<usize>column << 2);
      k = 0;
      for (let at: usize = 0; at < end; at += stride) {
        const share = f32x4.div(exponential(f32x4.sub(v128.load(z + at), largest)), total);
        const target = v128.and(i32x4.eq(label, i32x4.splat(k)), f32x4.splat(1));
        const gradient = f32x4.mul(f32x4.sub(share, target), f32x4.splat(weight));
        v128.store(to + at, v128.and(gradient, filledHere));
        k++;
      }
    }
  }
  return (
    <f64>f32x4.extract_lane(sum, 0) +
    <f64>f32x4.extract_lane(sum, 1) +
    <f64>f32x4.extract_lane(sum, 2) +
    <f64>f32x4.extract_lane(sum, 3)
  );
}
