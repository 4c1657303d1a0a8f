// Activations as separate passes over the output rows of a layer, and over the gradients in the backward direction.
// Each activation is a class with the two functions of src/network/activations for four numbers at a time, and two
// exported passes, `<name>Activated` and `<name>PassedBack`. ReLU is not here: the layer kernels apply it as a lower
// bound of their sums.
import { exponential } from "./math";

/**
 * Hyperbolic tangent, within 2 ulp: near 0 the odd polynomial of the Cephes library (Moshier 1989, single precision),
 * else (1 - e) / (1 + e) with e = exp(-2 |z|), which does not overflow for any z.
 */
class Tanh {
  @inline
  activated(z: v128): v128 {
    const square = f32x4.mul(z, z);
    let p = f32x4.add(f32x4.mul(square, f32x4.splat(-5.70498872745e-3)), f32x4.splat(2.06390887954e-2));
    p = f32x4.add(f32x4.mul(p, square), f32x4.splat(-5.37397155531e-2));
    p = f32x4.add(f32x4.mul(p, square), f32x4.splat(1.33314422036e-1));
    p = f32x4.add(f32x4.mul(p, square), f32x4.splat(-3.33332819422e-1));
    const near = f32x4.add(f32x4.mul(f32x4.mul(p, square), z), z);
    const one = f32x4.splat(1);
    const size = f32x4.abs(z);
    const e = exponential(f32x4.mul(f32x4.splat(-2), size));
    const ratio = f32x4.div(f32x4.sub(one, e), f32x4.add(one, e));
    const far = v128.bitselect(z, ratio, i32x4.splat(0x80000000));
    return v128.bitselect(near, far, f32x4.lt(size, f32x4.splat(0.625)));
  }

  @inline
  passedBack(gradient: v128, x: v128): v128 {
    return f32x4.mul(gradient, f32x4.sub(f32x4.splat(1), f32x4.mul(x, x)));
  }
}

@inline
function activate<T>(z: usize, rows: usize, columns: usize, stride: usize): void {
  const activation = changetype<T>(0);
  for (const end = z + rows * stride; z < end; z += stride) {
    for (let at = z; at < z + (columns << 2); at += 16) v128.store(at, activation.activated(v128.load(at)));
  }
}

@inline
function passBack<T>(gradients: usize, x: usize, rows: usize, columns: usize, stride: usize): void {
  const activation = changetype<T>(0);
  for (const end = x + rows * stride; x < end; x += stride) {
    for (let c: usize = 0; c < columns << 2; c += 16) {
      v128.store(gradients + c, activation.passedBack(v128.load(gradients + c), v128.load(x + c)));
    }
    gradients += stride;
  }
}

export function tanhActivated(z: usize, rows: usize, columns: usize, stride: usize): void {
  activate<Tanh>(z, rows, columns, stride);
}

export function tanhPassedBack(gradients: usize, x: usize, rows: usize, columns: usize, stride: usize): void {
  passBack<Tanh>(gradients, x, rows, columns, stride);
}
