// Copies raw samples [sample][input] to standardised columns [input][column], for the inputs that the network uses.
//
//     features  sample 7:  [ . a . b . ]          used inputs: 1 and 3
//               sample 2:  [ . c . d . ]   ->     out  input 1:  [ a c .. 0 0 ]
//                                                      input 3:  [ b d .. 0 0 ]    zeros past `filled`
import { filledLanes, sampleAt } from "./lanes";

@inline
function gather<T>(
  features: usize,
  row: u32,
  mean: usize,
  scale: usize,
  usedInputs: usize,
  inputs: u32,
  samples: usize,
  filled: u32,
  columns: u32,
  out: usize,
  stride: usize,
): void {
  const rowBytes: usize = row * sizeof<T>();
  for (let column: u32 = 0; column < columns; column += 4) {
    const filledHere = filledLanes(column, filled);
    const sample0 = features + sampleAt(samples, column, filled) * rowBytes;
    const sample1 = features + sampleAt(samples, column + 1, filled) * rowBytes;
    const sample2 = features + sampleAt(samples, column + 2, filled) * rowBytes;
    const sample3 = features + sampleAt(samples, column + 3, filled) * rowBytes;
    let to = out + (<usize>column << 2);
    for (let k: u32 = 0; k < inputs; k++) {
      const input: usize = load<u32>(usedInputs + (<usize>k << 2));
      const at = input * sizeof<T>();
      let x = f32x4.splat(<f32>load<T>(sample0 + at));
      x = f32x4.replace_lane(x, 1, <f32>load<T>(sample1 + at));
      x = f32x4.replace_lane(x, 2, <f32>load<T>(sample2 + at));
      x = f32x4.replace_lane(x, 3, <f32>load<T>(sample3 + at));
      x = f32x4.sub(x, v128.load32_splat(mean + (input << 2)));
      x = f32x4.mul(x, v128.load32_splat(scale + (input << 2)));
      v128.store(to, v128.and(x, filledHere));
      to += stride;
    }
  }
}

/**
 * @param features f32 [sample][input], `row` inputs per sample
 * @param mean f32 [input]; standardised input i is (x - mean[i]) * scale[i]
 * @param scale f32 [input]
 * @param usedInputs u32 [inputs], the inputs to gather
 * @param samples u32 [filled], the sample of each column
 * @param out f32 [inputs][column]
 */
export function gatherFloats(
  features: usize,
  row: u32,
  mean: usize,
  scale: usize,
  usedInputs: usize,
  inputs: u32,
  samples: usize,
  filled: u32,
  columns: u32,
  out: usize,
  stride: usize,
): void {
  gather<f32>(features, row, mean, scale, usedInputs, inputs, samples, filled, columns, out, stride);
}

/** {@link gatherFloats} for features of one byte. */
export function gatherBytes(
  features: usize,
  row: u32,
  mean: usize,
  scale: usize,
  usedInputs: usize,
  inputs: u32,
  samples: usize,
  filled: u32,
  columns: u32,
  out: usize,
  stride: usize,
): void {
  gather<u8>(features, row, mean, scale, usedInputs, inputs, samples, filled, columns, out, stride);
}
