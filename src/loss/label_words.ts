/** Numbers as label words: the bits of each as f32. */
export function wordsOf(numbers: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Float32Array.from(numbers).buffer);
}

/** Label words as the numbers that they are the bits of. */
export function numbersOf(words: Uint32Array): Float32Array {
  return new Float32Array(words.slice().buffer);
}
