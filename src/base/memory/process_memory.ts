/** What a process has of main memory. */
export interface ProcessMemory {
  readonly residentBytes: number;
  /** The most that was resident so far. */
  readonly peakBytes: number;
  /** What the heap of JavaScript may still take. */
  readonly freeHeapBytes: number;
  /** Address space that may still be reserved; absent where it is not limited, or WebAssembly reserves none. */
  readonly freeAddressBytes?: number;
}
