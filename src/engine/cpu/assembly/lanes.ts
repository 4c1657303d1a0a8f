// Columns past the samples of a batch.

/** All ones in the lanes of columns `column` .. `column + 3` that lie below `filled`. */
@inline
export function filledLanes(column: u32, filled: u32): v128 {
  return i32x4.lt_u(i32x4.add(i32x4.splat(column), i32x4(0, 1, 2, 3)), i32x4.splat(filled));
}

/** The sample of a column; 0 for a column without a sample, whose values the caller masks out. */
@inline
export function sampleAt(samples: usize, column: u32, filled: u32): usize {
  return column < filled ? <usize>load<u32>(samples + (<usize>column << 2)) : 0;
}

/** The labels of four columns, as integers. */
@inline
export function labelsAt(labels: usize, samples: usize, column: u32, filled: u32): v128 {
  let label = i32x4.splat(load<u32>(labels + (sampleAt(samples, column, filled) << 2)));
  label = i32x4.replace_lane(label, 1, load<u32>(labels + (sampleAt(samples, column + 1, filled) << 2)));
  label = i32x4.replace_lane(label, 2, load<u32>(labels + (sampleAt(samples, column + 2, filled) << 2)));
  return i32x4.replace_lane(label, 3, load<u32>(labels + (sampleAt(samples, column + 3, filled) << 2)));
}

/** Adds 1 to the count of the label of each of four columns whose lane of `isWrong` is all ones. */
@inline
export function countWrong(counts: usize, isWrong: v128, labels: usize, samples: usize, column: u32): void {
  let lanes = i32x4.bitmask(isWrong);
  while (lanes != 0) {
    const sample = <usize>load<u32>(samples + (<usize>(column + <u32>ctz(lanes)) << 2));
    const at = counts + (<usize>load<u32>(labels + (sample << 2)) << 2);
    store<u32>(at, load<u32>(at) + 1);
    lanes &= lanes - 1;
  }
}
