// Layers as edge lists: kept weights only.
//
//     by target (forward, gradient)                    by source (backward)
//     starts   [ 0       3   4 .. ]  u32, an entry      starts   [ 0    2 .. ]
//     sources  [ a b c | b | a .. ]  per edge: byte     targets  [ 0 2 | .. ]  byte offset of the target's row
//                                    offset of the row  weights  [ 0 4 | .. ]  byte offset of the edge's weight
//     weights  [ w w w | w | w .. ]  f32, same order
//
// For each target (or source), 32 columns are accumulated in registers over its edges; the remaining columns 8 at a
// time.
import { sumEach, sumLanes } from "./sums";

@inline
function multiplyAdd(sum: v128, k: v128, at: usize, offset: usize): v128 {
  return f32x4.add(sum, f32x4.mul(k, v128.load(at + offset)));
}

/** z = w x + bias; max(0, z) if `relu` is 1. */
export function forwardEdges(
  starts: usize,
  sources: usize,
  weights: usize,
  biases: usize,
  targets: u32,
  x: usize,
  z: usize,
  columns: u32,
  stride: usize,
  relu: u32,
): void {
  const lowest = f32x4.splat(relu ? 0 : -Infinity);
  const rowEnd: usize = <usize>columns << 2;
  for (let t: u32 = 0; t < targets; t++) {
    const first: usize = <usize>load<u32>(starts) << 2;
    const end: usize = sources + (<usize>load<u32>(starts, 4) << 2);
    const bias = v128.load32_splat(biases);
    let c: usize = 0;
    for (; c + 128 <= rowEnd; c += 128) {
      let a0 = bias;
      let a1 = bias;
      let a2 = bias;
      let a3 = bias;
      let a4 = bias;
      let a5 = bias;
      let a6 = bias;
      let a7 = bias;
      let w = weights + first;
      const from = x + c;
      for (let edge = sources + first; edge < end; edge += 4) {
        const k = v128.load32_splat(w);
        const at = from + load<u32>(edge);
        a0 = multiplyAdd(a0, k, at, 0);
        a1 = multiplyAdd(a1, k, at, 16);
        a2 = multiplyAdd(a2, k, at, 32);
        a3 = multiplyAdd(a3, k, at, 48);
        a4 = multiplyAdd(a4, k, at, 64);
        a5 = multiplyAdd(a5, k, at, 80);
        a6 = multiplyAdd(a6, k, at, 96);
        a7 = multiplyAdd(a7, k, at, 112);
        w += 4;
      }
      const to = z + c;
      v128.store(to, f32x4.pmax(a0, lowest));
      v128.store(to, f32x4.pmax(a1, lowest), 16);
      v128.store(to, f32x4.pmax(a2, lowest), 32);
      v128.store(to, f32x4.pmax(a3, lowest), 48);
      v128.store(to, f32x4.pmax(a4, lowest), 64);
      v128.store(to, f32x4.pmax(a5, lowest), 80);
      v128.store(to, f32x4.pmax(a6, lowest), 96);
      v128.store(to, f32x4.pmax(a7, lowest), 112);
    }
    for (; c < rowEnd; c += 32) {
      let a0 = bias;
      let a1 = bias;
      let w = weights + first;
      const from = x + c;
      for (let edge = sources + first; edge < end; edge += 4) {
        const k = v128.load32_splat(w);
        const at = from + load<u32>(edge);
        a0 = multiplyAdd(a0, k, at, 0);
        a1 = multiplyAdd(a1, k, at, 16);
        w += 4;
      }
      v128.store(z + c, f32x4.pmax(a0, lowest));
      v128.store(z + c, f32x4.pmax(a1, lowest), 16);
    }
    starts += 4;
    biases += 4;
    z += stride;
  }
}

/** 0 where the activation is at or below a bound, else the sum, also where the activation is NaN. */
@inline
function gated(sum: v128, activation: usize, offset: usize, lowest: v128): v128 {
  return v128.andnot(sum, f32x4.le(v128.load(activation + offset), lowest));
}

/** dx = transposed w times dz; if `relu` is 1, dx = 0 where x <= 0. */
export function backwardEdges(
  starts: usize,
  targets: usize,
  edgeWeights: usize,
  weights: usize,
  sources: u32,
  dz: usize,
  x: usize,
  dx: usize,
  columns: u32,
  stride: usize,
  relu: u32,
): void {
  const lowest = f32x4.splat(relu ? 0 : -Infinity);
  const rowEnd: usize = <usize>columns << 2;
  const toWeights = edgeWeights - targets;
  for (let s: u32 = 0; s < sources; s++) {
    const first: usize = targets + (<usize>load<u32>(starts) << 2);
    const end: usize = targets + (<usize>load<u32>(starts, 4) << 2);
    let c: usize = 0;
    for (; c + 128 <= rowEnd; c += 128) {
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let a4 = a0;
      let a5 = a0;
      let a6 = a0;
      let a7 = a0;
      const from = dz + c;
      for (let edge = first; edge < end; edge += 4) {
        const k = v128.load32_splat(weights + load<u32>(edge + toWeights));
        const at = from + load<u32>(edge);
        a0 = multiplyAdd(a0, k, at, 0);
        a1 = multiplyAdd(a1, k, at, 16);
        a2 = multiplyAdd(a2, k, at, 32);
        a3 = multiplyAdd(a3, k, at, 48);
        a4 = multiplyAdd(a4, k, at, 64);
        a5 = multiplyAdd(a5, k, at, 80);
        a6 = multiplyAdd(a6, k, at, 96);
        a7 = multiplyAdd(a7, k, at, 112);
      }
      const to = dx + c;
      const activation = x + c;
      v128.store(to, gated(a0, activation, 0, lowest));
      v128.store(to, gated(a1, activation, 16, lowest), 16);
      v128.store(to, gated(a2, activation, 32, lowest), 32);
      v128.store(to, gated(a3, activation, 48, lowest), 48);
      v128.store(to, gated(a4, activation, 64, lowest), 64);
      v128.store(to, gated(a5, activation, 80, lowest), 80);
      v128.store(to, gated(a6, activation, 96, lowest), 96);
      v128.store(to, gated(a7, activation, 112, lowest), 112);
    }
    for (; c < rowEnd; c += 32) {
      let a0 = f32x4.splat(0);
      let a1 = a0;
      const from = dz + c;
      for (let edge = first; edge < end; edge += 4) {
        const k = v128.load32_splat(weights + load<u32>(edge + toWeights));
        const at = from + load<u32>(edge);
        a0 = multiplyAdd(a0, k, at, 0);
        a1 = multiplyAdd(a1, k, at, 16);
      }
      v128.store(dx + c, gated(a0, x + c, 0, lowest));
      v128.store(dx + c, gated(a1, x + c, 16, lowest), 16);
    }
    starts += 4;
    x += stride;
    dx += stride;
  }
}

/**
 * gradient[edge] = sum over columns of dz[target] x[source]; four edges at a time, the last four of a target may
 * overlap others.
 */
export function gradientEdges(
  starts: usize,
  sources: usize,
  targets: u32,
  dz: usize,
  x: usize,
  columns: u32,
  stride: usize,
  gradient: usize,
): void {
  const rowEnd: usize = <usize>columns << 2;
  for (let t: u32 = 0; t < targets; t++) {
    let edge = load<u32>(starts);
    const end = load<u32>(starts, 4);
    const zEnd = dz + rowEnd;
    if (end - edge < 4) {
      for (; edge < end; edge++) {
        let at = x + load<u32>(sources + (<usize>edge << 2));
        let sum = f32x4.splat(0);
        for (let z = dz; z < zEnd; z += 16) {
          sum = f32x4.add(sum, f32x4.mul(v128.load(z), v128.load(at)));
          at += 16;
        }
        store<f32>(gradient + (<usize>edge << 2), sumLanes(sum));
      }
    }
    while (edge < end) {
      edge = min(edge, end - 4);
      const four = sources + (<usize>edge << 2);
      let x0 = x + load<u32>(four);
      let x1 = x + load<u32>(four, 4);
      let x2 = x + load<u32>(four, 8);
      let x3 = x + load<u32>(four, 12);
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      for (let z = dz; z < zEnd; z += 16) {
        const g = v128.load(z);
        a0 = multiplyAdd(a0, g, x0, 0);
        a1 = multiplyAdd(a1, g, x1, 0);
        a2 = multiplyAdd(a2, g, x2, 0);
        a3 = multiplyAdd(a3, g, x3, 0);
        x0 += 16;
        x1 += 16;
        x2 += 16;
        x3 += 16;
      }
      v128.store(gradient + (<usize>edge << 2), sumEach(a0, a1, a2, a3));
      edge += 4;
    }
    starts += 4;
    dz += stride;
  }
}

/** gradient[target] = sum over columns of dz[target]; dense layers use it too. */
export function biasGradient(dz: usize, targets: u32, columns: u32, stride: usize, gradient: usize): void {
  const rowEnd: usize = <usize>columns << 2;
  for (let t: u32 = 0; t < targets; t++) {
    let sum = f32x4.splat(0);
    for (let c: usize = 0; c < rowEnd; c += 16) sum = f32x4.add(sum, v128.load(dz + c));
    store<f32>(gradient, sumLanes(sum));
    gradient += 4;
    dz += stride;
  }
}
