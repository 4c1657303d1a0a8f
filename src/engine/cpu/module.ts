import bytes from "./kernels.wasm";

/** The kernels of `assembly/`, described in its files: pointers and strides in bytes, counts in elements. */
export interface SimdKernels {
  sampleOrder(order: number, count: number, halfBits: number, keys: number): void;
  gatherBytes: Gather;
  gatherFloats: Gather;
  forwardDense(
    weights: number,
    biases: number,
    targets: number,
    sources: number,
    x: number,
    z: number,
    columns: number,
    stride: number,
    relu: number,
  ): void;
  backwardDense(
    weights: number,
    targets: number,
    sources: number,
    dz: number,
    x: number,
    dx: number,
    columns: number,
    stride: number,
    relu: number,
  ): void;
  gradientDense(
    dz: number,
    x: number,
    targets: number,
    sources: number,
    columns: number,
    stride: number,
    gradient: number,
  ): void;
  zeroEntries(values: number, indices: number, count: number): void;
  forwardEdges(
    starts: number,
    sources: number,
    weights: number,
    biases: number,
    targets: number,
    x: number,
    z: number,
    columns: number,
    stride: number,
    relu: number,
  ): void;
  backwardEdges(
    starts: number,
    targets: number,
    edgeWeights: number,
    weights: number,
    sources: number,
    dz: number,
    x: number,
    dx: number,
    columns: number,
    stride: number,
    relu: number,
  ): void;
  gradientEdges(
    starts: number,
    sources: number,
    targets: number,
    dz: number,
    x: number,
    columns: number,
    stride: number,
    gradient: number,
  ): void;
  /** One per activation: applies it to `rows` rows in place. ReLU has none, since the layer kernels apply it. */
  readonly [activation: `${string}Activated`]: (z: number, rows: number, columns: number, stride: number) => void;
  readonly [activation: `${string}PassedBack`]: (
    gradients: number,
    x: number,
    rows: number,
    columns: number,
    stride: number,
  ) => void;
  biasGradient(dz: number, targets: number, columns: number, stride: number, gradient: number): void;
  /** One per loss. */
  readonly [loss: `${string}Loss`]: (
    logits: number,
    gradients: number,
    outputs: number,
    stride: number,
    labels: number,
    samples: number,
    filled: number,
    columns: number,
    weight: number,
    scores: number,
  ) => number;
  adam(
    values: number,
    first: number,
    second: number,
    gradients: number,
    count: number,
    kept: number,
    rate: number,
    rootScale: number,
    beta1: number,
    oneMinusBeta1: number,
    beta2: number,
    oneMinusBeta2: number,
    epsilon: number,
  ): void;
  /** Returns 0 if any of the values is NaN or infinite. */
  areFinite(values: number, count: number): number;
  shrink(values: number, count: number, by: number): void;
  momentum(
    values: number,
    first: number,
    gradients: number,
    count: number,
    kept: number,
    rate: number,
    beta: number,
  ): void;
}

type Gather = (
  features: number,
  row: number,
  mean: number,
  scale: number,
  usedInputs: number,
  inputs: number,
  samples: number,
  filled: number,
  columns: number,
  out: number,
  stride: number,
) => void;

/** Bytes of a page of WebAssembly memory. */
const pageBytes = 65536;

/** An instance of the module: its kernels, and a stack allocator for its memory. */
export class SimdModule {
  readonly kernels: SimdKernels;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  /** Address of the next free byte; the first 64 bytes are unused, so that no pointer is 0. */
  #top = 64;

  constructor() {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.#memory } });
    this.kernels = instance.exports as unknown as SimdKernels;
  }

  /** Address of the next reservation; {@link release} of this address frees all later reservations. */
  get top(): number {
    return this.#top;
  }

  /** Bytes of the module's memory, which never shrinks. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  release(top: number): void {
    this.#top = top;
  }

  /**
   * Reserves memory filled with zeros; invalidates earlier views.
   * @returns the address, a multiple of 64
   * @throws RangeError when the memory cannot grow
   */
  reserve(sizeBytes: number): number {
    const start = this.#top;
    this.#top = start + Math.ceil(sizeBytes / 64) * 64;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes));
    new Uint8Array(this.#memory.buffer, start, this.#top - start).fill(0);
    return start;
  }

  /** Copies data into the module's memory and returns its address. */
  upload(data: Float32Array | Uint32Array | Uint8Array): number {
    const start = this.reserve(data.byteLength);
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.#memory.buffer, start, data.byteLength).set(source);
    return start;
  }

  /** A view of `length` f32; the next reservation invalidates it. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  /** A view of `length` u32; the next reservation invalidates it. */
  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, address, length);
  }
}
