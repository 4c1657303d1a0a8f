// Ceilings of one core with WebAssembly SIMD, the counterpart of shaders/arithmetic_ceiling.wgsl and
// shaders/bandwidth_ceiling.wgsl, for comparison with the CPU engine. SIMD without the relaxed extension has no fused
// multiply-add; a product and a sum are two instructions.

/**
 * 12 chains of f32x4, c <- c * factor + summand, 4 iterations per round; chain k starts at k in all lanes. Stores their
 * sum.
 */
export function multiplyAdds(factors: usize, rounds: u32, result: usize): void {
  const factor = v128.load32_splat(factors);
  const summand = v128.load32_splat(factors + 4);
  let a = f32x4.splat(0);
  let b = f32x4.splat(1);
  let c = f32x4.splat(2);
  let d = f32x4.splat(3);
  let e = f32x4.splat(4);
  let f = f32x4.splat(5);
  let g = f32x4.splat(6);
  let h = f32x4.splat(7);
  let i = f32x4.splat(8);
  let j = f32x4.splat(9);
  let k = f32x4.splat(10);
  let l = f32x4.splat(11);
  for (let iteration: u32 = 0; iteration < 4 * rounds; iteration++) {
    a = f32x4.add(f32x4.mul(a, factor), summand);
    b = f32x4.add(f32x4.mul(b, factor), summand);
    c = f32x4.add(f32x4.mul(c, factor), summand);
    d = f32x4.add(f32x4.mul(d, factor), summand);
    e = f32x4.add(f32x4.mul(e, factor), summand);
    f = f32x4.add(f32x4.mul(f, factor), summand);
    g = f32x4.add(f32x4.mul(g, factor), summand);
    h = f32x4.add(f32x4.mul(h, factor), summand);
    i = f32x4.add(f32x4.mul(i, factor), summand);
    j = f32x4.add(f32x4.mul(j, factor), summand);
    k = f32x4.add(f32x4.mul(k, factor), summand);
    l = f32x4.add(f32x4.mul(l, factor), summand);
  }
  const low = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(e, f));
  const high = f32x4.add(f32x4.add(f32x4.add(g, h), f32x4.add(i, j)), f32x4.add(k, l));
  v128.store(result, f32x4.add(low, high));
}

/** Copies `bytes` bytes, a multiple of 64. */
export function copyBytes(from: usize, to: usize, bytes: usize): void {
  for (const end = from + bytes; from < end; from += 64) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    to += 64;
  }
}
