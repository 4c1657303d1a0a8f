// Layers with a matrix of weights [target][source] without padding, zeros where pruned; at least 4 targets and 4
// sources.
//
// Forward and backward keep 4 neurons x 8 columns in registers, the gradient 2 targets x 4 sources:
//
//     forward, one tile                          sources
//         z[t .. t+3][c .. c+7]  +=  w[t .. t+3][  i  ]  *  x[i][c .. c+7]     for each i
//
// If a side is not a multiple of the tile, the last tile overlaps the one before it and computes some entries twice,
// with the same bits.
import { sumEach } from "./sums";

/**
 * First entry of the next tile: `at + step`, or the last position where a whole tile fits; `count` after the last tile.
 */
@inline
function nextTile(at: usize, step: usize, count: usize): usize {
  if (at + step >= count) return count;
  return min(at + step, count - step);
}

@inline
function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** z = w x + bias; max(0, z) if `relu` is 1. */
export function forwardDense(
  weights: usize,
  biases: usize,
  targets: usize,
  sources: usize,
  x: usize,
  z: usize,
  columns: usize,
  stride: usize,
  relu: u32,
): void {
  const row: usize = sources << 2;
  const lowest = f32x4.splat(relu ? 0 : -Infinity);
  for (let t: usize = 0; t < targets; t = nextTile(t, 4, targets)) {
    const bias = biases + (t << 2);
    for (let c: usize = 0; c < columns << 2; c += 32) {
      let a0 = v128.load32_splat(bias);
      let b0 = v128.load32_splat(bias, 4);
      let c0 = v128.load32_splat(bias, 8);
      let d0 = v128.load32_splat(bias, 12);
      let a1 = a0;
      let b1 = b0;
      let c1 = c0;
      let d1 = d0;
      let w = weights + t * row;
      let w1 = w + row;
      let w2 = w1 + row;
      let w3 = w2 + row;
      let from = x + c;
      const end = w1;
      while (w < end) {
        const x0 = v128.load(from);
        const x1 = v128.load(from, 16);
        const ka = v128.load32_splat(w);
        a0 = multiplyAdd(a0, ka, x0);
        a1 = multiplyAdd(a1, ka, x1);
        const kb = v128.load32_splat(w1);
        b0 = multiplyAdd(b0, kb, x0);
        b1 = multiplyAdd(b1, kb, x1);
        const kc = v128.load32_splat(w2);
        c0 = multiplyAdd(c0, kc, x0);
        c1 = multiplyAdd(c1, kc, x1);
        const kd = v128.load32_splat(w3);
        d0 = multiplyAdd(d0, kd, x0);
        d1 = multiplyAdd(d1, kd, x1);
        from += stride;
        w += 4;
        w1 += 4;
        w2 += 4;
        w3 += 4;
      }
      let to = z + t * stride + c;
      v128.store(to, f32x4.pmax(a0, lowest));
      v128.store(to, f32x4.pmax(a1, lowest), 16);
      to += stride;
      v128.store(to, f32x4.pmax(b0, lowest));
      v128.store(to, f32x4.pmax(b1, lowest), 16);
      to += stride;
      v128.store(to, f32x4.pmax(c0, lowest));
      v128.store(to, f32x4.pmax(c1, lowest), 16);
      to += stride;
      v128.store(to, f32x4.pmax(d0, lowest));
      v128.store(to, f32x4.pmax(d1, lowest), 16);
    }
  }
}

/**
 * Stores 0 where the activation is at or below a bound, else a gradient; the bound 0 gives the derivative of ReLU. NaN
 * passes the gradient on, so that a network that diverges shows it in the same weights as on other engines.
 */
@inline
function storeGated(to: usize, gradient: v128, activation: usize, lowest: v128): void {
  v128.store(to, v128.andnot(gradient, f32x4.le(v128.load(activation), lowest)));
}

/** dx = transposed w times dz; if `relu` is 1, dx = 0 where x <= 0. */
export function backwardDense(
  weights: usize,
  targets: usize,
  sources: usize,
  dz: usize,
  x: usize,
  dx: usize,
  columns: usize,
  stride: usize,
  relu: u32,
): void {
  const row: usize = sources << 2;
  const lowest = f32x4.splat(relu ? 0 : -Infinity);
  for (let s: usize = 0; s < sources; s = nextTile(s, 4, sources)) {
    for (let c: usize = 0; c < columns << 2; c += 32) {
      let a0 = f32x4.splat(0);
      let b0 = a0;
      let c0 = a0;
      let d0 = a0;
      let a1 = a0;
      let b1 = a0;
      let c1 = a0;
      let d1 = a0;
      let w = weights + (s << 2);
      let from = dz + c;
      const end = from + targets * stride;
      while (from < end) {
        const z0 = v128.load(from);
        const z1 = v128.load(from, 16);
        const ka = v128.load32_splat(w);
        a0 = multiplyAdd(a0, ka, z0);
        a1 = multiplyAdd(a1, ka, z1);
        const kb = v128.load32_splat(w, 4);
        b0 = multiplyAdd(b0, kb, z0);
        b1 = multiplyAdd(b1, kb, z1);
        const kc = v128.load32_splat(w, 8);
        c0 = multiplyAdd(c0, kc, z0);
        c1 = multiplyAdd(c1, kc, z1);
        const kd = v128.load32_splat(w, 12);
        d0 = multiplyAdd(d0, kd, z0);
        d1 = multiplyAdd(d1, kd, z1);
        from += stride;
        w += row;
      }
      let at = s * stride + c;
      storeGated(dx + at, a0, x + at, lowest);
      storeGated(dx + at + 16, a1, x + at + 16, lowest);
      at += stride;
      storeGated(dx + at, b0, x + at, lowest);
      storeGated(dx + at + 16, b1, x + at + 16, lowest);
      at += stride;
      storeGated(dx + at, c0, x + at, lowest);
      storeGated(dx + at + 16, c1, x + at + 16, lowest);
      at += stride;
      storeGated(dx + at, d0, x + at, lowest);
      storeGated(dx + at + 16, d1, x + at + 16, lowest);
    }
  }
}

/** gradient[target][source] = sum over columns of dz[target] x[source]. */
export function gradientDense(
  dz: usize,
  x: usize,
  targets: usize,
  sources: usize,
  columns: usize,
  stride: usize,
  gradient: usize,
): void {
  const row: usize = sources << 2;
  const rowEnd: usize = columns << 2;
  for (let s: usize = 0; s < sources; s = nextTile(s, 4, sources)) {
    for (let t: usize = 0; t < targets; t = nextTile(t, 2, targets)) {
      let x0 = x + s * stride;
      let x1 = x0 + stride;
      let x2 = x1 + stride;
      let x3 = x2 + stride;
      let za = dz + t * stride;
      let zb = za + stride;
      const end = za + rowEnd;
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let b0 = a0;
      let b1 = a0;
      let b2 = a0;
      let b3 = a0;
      while (za < end) {
        const ga = v128.load(za);
        const gb = v128.load(zb);
        let v = v128.load(x0);
        a0 = multiplyAdd(a0, ga, v);
        b0 = multiplyAdd(b0, gb, v);
        v = v128.load(x1);
        a1 = multiplyAdd(a1, ga, v);
        b1 = multiplyAdd(b1, gb, v);
        v = v128.load(x2);
        a2 = multiplyAdd(a2, ga, v);
        b2 = multiplyAdd(b2, gb, v);
        v = v128.load(x3);
        a3 = multiplyAdd(a3, ga, v);
        b3 = multiplyAdd(b3, gb, v);
        za += 16;
        zb += 16;
        x0 += 16;
        x1 += 16;
        x2 += 16;
        x3 += 16;
      }
      const to = gradient + t * row + (s << 2);
      v128.store(to, sumEach(a0, a1, a2, a3));
      v128.store(to + row, sumEach(b0, b1, b2, b3));
    }
  }
}

/** Sets entries to 0: the gradients of pruned weights, so that the optimiser does not change these weights. */
export function zeroEntries(values: usize, indices: usize, count: usize): void {
  const end = indices + (count << 2);
  for (; indices < end; indices += 4) store<f32>(values + (<usize>load<u32>(indices) << 2), 0);
}
