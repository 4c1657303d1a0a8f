// exp and log of four numbers at a time, by the polynomials of the Cephes library (Moshier 1989, single precision).
// NaN stays NaN, so that the loss shows the divergence of a network.

@inline
function times(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}

@inline
function plus(a: v128, constant: f32): v128 {
  return f32x4.add(a, f32x4.splat(constant));
}

/** e^x for x <= 0, within 2 ulp; e^-87.3 = 1.2e-38 for x < -87.3, where the result is below the normal f32 numbers. */
@inline
export function exponential(exponent: v128): v128 {
  const x = f32x4.pmax(exponent, f32x4.splat(-87.33654));
  const n = f32x4.nearest(times(x, f32x4.splat(1.44269504088896341)));
  // ln 2 as a sum of two parts; the first has few enough bits for an exact product with n.
  const r = f32x4.sub(f32x4.sub(x, times(n, f32x4.splat(0.693359375))), times(n, f32x4.splat(-2.12194440e-4)));
  let p = plus(times(r, f32x4.splat(1.9875691500e-4)), 1.3981999507e-3);
  p = plus(times(p, r), 8.3334519073e-3);
  p = plus(times(p, r), 4.1665795894e-2);
  p = plus(times(p, r), 1.6666665459e-1);
  p = plus(times(p, r), 5.0000001201e-1);
  p = plus(f32x4.add(times(p, times(r, r)), r), 1.0);
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return times(p, power);
}

/** log(1 + f) for f from sqrt(1/2) - 1 to sqrt(2) - 1. */
@inline
function logNearOne(f: v128): v128 {
  const square = times(f, f);
  let p = plus(times(f, f32x4.splat(7.0376836292e-2)), -1.1514610310e-1);
  p = plus(times(p, f), 1.1676998740e-1);
  p = plus(times(p, f), -1.2420140846e-1);
  p = plus(times(p, f), 1.4249322787e-1);
  p = plus(times(p, f), -1.6668057665e-1);
  p = plus(times(p, f), 2.0000714765e-1);
  p = plus(times(p, f), -2.4999993993e-1);
  p = plus(times(p, f), 3.3333331174e-1);
  const cubic = times(times(p, f), square);
  return f32x4.add(f, f32x4.sub(cubic, times(square, f32x4.splat(0.5))));
}

/** log(1 + e) for e from 0 to 1, within 3 ulp. */
@inline
export function logOnePlus(e: v128): v128 {
  const isLarge = f32x4.gt(e, f32x4.splat(0.41421356));
  // (1 + e) / 2 is 1 + (e - 1) / 2, which is exact here.
  const f = v128.bitselect(times(f32x4.sub(e, f32x4.splat(1.0)), f32x4.splat(0.5)), e, isLarge);
  return f32x4.add(logNearOne(f), v128.and(isLarge, f32x4.splat(0.693147180559945)));
}

/** log x for normal x > 0, within 2 ulp and 1e-7 near 1. */
@inline
export function logarithm(x: v128): v128 {
  // x = 2^n m with m from sqrt(1/2) to sqrt(2); n changes at the bits of sqrt(1/2).
  const border = i32x4.splat(0x3f3504f3);
  const n = i32x4.shr_s(i32x4.sub(x, border), 23);
  const m = i32x4.sub(x, i32x4.shl(n, 23));
  const log = logNearOne(f32x4.sub(m, f32x4.splat(1.0)));
  const whole = f32x4.convert_i32x4_s(n);
  const result = f32x4.add(
    f32x4.add(log, times(whole, f32x4.splat(-2.12194440e-4))),
    times(whole, f32x4.splat(0.693359375)),
  );
  return v128.bitselect(result, x, f32x4.eq(x, x));
}
