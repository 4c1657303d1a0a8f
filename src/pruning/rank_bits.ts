import { streamBlock } from "../base/random.ts";

const bits = new DataView(new ArrayBuffer(4));

/** Twin of `rank_bits` in `shaders/shared/ranking.wgsl`: the 31 bits that a weight is ranked by. */
export function rankBits(weight: number, index: number, criterion: number, seed: number, level: number): number {
  if (criterion === 0) {
    bits.setFloat32(0, weight);
    return bits.getUint32(0) & 0x7fffffff;
  }
  return streamBlock(seed, "randomPruning", index, level)[0] >>> 1;
}
