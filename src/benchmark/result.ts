import * as z from "zod";

const spread = z.strictObject({
  median: z.number(),
  lowest: z.number(),
  lowerQuartile: z.number(),
  upperQuartile: z.number(),
  highest: z.number(),
  trials: z.int().positive(),
});

const share = z.number().nonnegative().nullable();

/** The timed networks: a population of one shape; `weights` is the number of kept weights of each. */
const networks = {
  engine: z.string(),
  shape: z.array(z.int().positive()),
  batch: z.int().positive(),
  weights: z.int().positive(),
  population: z.int().positive(),
};

/** Maximum arithmetic and copy rates of an adapter or of one CPU thread, measured by dedicated kernels. */
const ceilings = z.strictObject({
  /** The engines that are compared with these ceilings: those of the adapter, or the CPU engine. */
  of: z.enum(["adapter", "cpu"]),
  executor: z.string(),
  /** GFLOP/s of multiply-adds in registers (fused if the executor supports it), each counted as two operations. */
  arithmeticGflops: spread,
  /** GB/s of a copy between buffers far larger than caches; counts bytes read and bytes written. */
  bandwidthGbytes: spread,
});

const throughput = z.strictObject({
  ...networks,
  executor: z.string(),
  trainSamples: z.int().positive(),
  validationSamples: z.int().positive(),
  /** Milliseconds of an epoch, validation included, divided by the population. */
  networkEpochMs: spread,
  /** Microseconds of an optimiser step of one network: the epoch's time divided by its steps, validation included. */
  networkStepUs: z.number(),
  networkEpochsPerSecond: z.number(),
  weightUpdatesPerSecond: z.number(),
  /** GFLOP/s, counted for unpruned weights only. */
  gflops: z.number(),
  /** Shares of the measured ceilings (on a CPU times its threads); null if none was measured for this engine. */
  arithmeticShare: share,
  bandwidthShare: share,
  /** Largest difference of the first and the last network from the twins, checked before timing; see `check.ts`. */
  check: z.strictObject({ moveError: z.number(), lossError: z.number() }),
});

/** One kernel call of training, timed by the device's clock. */
const kernel = z.strictObject({
  ...networks,
  kernel: z.string(),
  /** Label that distinguishes the calls of a kernel, such as `57 to 57, 64 samples`. */
  size: z.string(),
  /** Number of timed calls. */
  calls: z.int().positive(),
  /** Microseconds per call, for the whole population. */
  us: spread,
  gflops: z.number().nullable(),
  gbytes: z.number().nullable(),
  arithmeticShare: share,
  bandwidthShare: share,
});

const schema = z.strictObject({
  adapter: z
    .strictObject({
      name: z.string(),
      kind: z.enum(["gpu", "software"]),
      /** Whether kernels can be timed separately (`timestamp-query`). */
      hasTimestamps: z.boolean(),
    })
    .nullable(),
  /** Fewer and shorter trials, smaller populations: a functional check rather than exact figures. */
  quick: z.boolean(),
  ceilings: z.array(ceilings),
  throughput: z.array(throughput),
  /** Cases that were not timed, with the reason. */
  leftOut: z.array(z.strictObject({ ...networks, reason: z.string() })),
  /**
   * Null if no kernels were requested or none could be timed; `clockGrainNs` is the resolution of the device's clock.
   */
  kernels: z.strictObject({ clockGrainNs: z.number(), calls: z.array(kernel) }).nullable(),
  /** Ratios of pairs of cases. */
  ratios: z.array(z.strictObject({ what: z.string(), ratio: z.number() })),
});

/** All figures of a benchmark, ready for JSON. */
export type BenchmarkResult = z.infer<typeof schema>;
export type Ceilings = z.infer<typeof ceilings>;
export type Throughput = z.infer<typeof throughput>;
export type KernelTime = z.infer<typeof kernel>;
export type LeftOut = BenchmarkResult["leftOut"][number];
export type Ratio = BenchmarkResult["ratios"][number];

/** Schema of a {@link BenchmarkResult}. */
export const benchmarkResultSchema = schema;
