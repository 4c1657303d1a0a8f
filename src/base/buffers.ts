/** Memory for large arrays that is held once and no longer than it is needed. */

/** Whether threads can share memory; a page that is not cross-origin isolated has no shared memory. */
export const canShareMemory = typeof SharedArrayBuffer !== "undefined";

/** Memory filled with zeros that threads share where they can, so that no thread needs a copy to be made for it. */
export function shareableBuffer(sizeBytes: number): ArrayBufferLike {
  return canShareMemory ? new SharedArrayBuffer(sizeBytes) : new ArrayBuffer(sizeBytes);
}

/** Whether the memory of an array is shared with threads as it is. */
export function isShared({ buffer }: ArrayBufferView): boolean {
  return canShareMemory && buffer instanceof SharedArrayBuffer;
}

/** Numbers, 0 at first, whose memory {@link release} gives back. */
export function releasableNumbers(length: number): Float64Array<ArrayBuffer> {
  const sizeBytes = length * Float64Array.BYTES_PER_ELEMENT;
  return new Float64Array(new ArrayBuffer(sizeBytes, { maxByteLength: sizeBytes }), 0, length);
}

/**
 * Gives the memory of {@link releasableNumbers} back to the system, which the garbage collector may do much later, since
 * it goes by the objects of JavaScript. The array and all views of it are empty afterwards.
 */
export function release({ buffer }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0);
}
