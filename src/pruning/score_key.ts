const view = new DataView(new ArrayBuffer(4));

/** The key of a score from 0: its f32 bits, which have the order of the values. The sign of -0 is dropped. */
export function scoreKey(score: number): number {
  view.setFloat32(0, score);
  return view.getUint32(0) & 0x7fffffff;
}
