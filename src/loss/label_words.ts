/** Label words of numbers: the f32 bits of each. */
export function wordsOf(numbers: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Float32Array.from(numbers).buffer);
}

/** The numbers whose f32 bits the label words hold. */
export function numbersOf(words: Uint32Array): Float32Array {
  return new Float32Array(words.slice().buffer);
}
