import { z } from "zod";

const spread = z.strictObject({
  median: z.number(),
  lowest: z.number(),
  lowerQuartile: z.number(),
  upperQuartile: z.number(),
  highest: z.number(),
  trials: z.int().positive(),
});

const share = z.number().nonnegative().nullable();

/** What was timed: a population of networks of one shape, with so many weights left in each. */
const networks = {
  engine: z.string(),
  shape: z.array(z.int().positive()),
  batch: z.int().positive(),
  weights: z.int().positive(),
  population: z.int().positive(),
};

/** What an adapter or one thread of the CPU can do at most, measured by kernels that do nothing else. */
const ceilings = z.strictObject({
  /** Engines that are held against these: those of the adapter, or the CPU's. */
  of: z.enum(["adapter", "cpu"]),
  executor: z.string(),
  /** GFLOP/s of multiply-adds in registers, fused where the executor can, each counted as two operations. */
  arithmeticGflops: spread,
  /** GB/s of a copy between buffers far larger than caches, bytes read and bytes written both counted. */
  bandwidthGbytes: spread,
});

const throughput = z.strictObject({
  ...networks,
  executor: z.string(),
  trainSamples: z.int().positive(),
  validationSamples: z.int().positive(),
  /** Milliseconds of an epoch, validation included, divided by the population. */
  networkEpochMs: spread,
  /** Microseconds of an optimiser step of one network, likewise, its part of the validation included. */
  networkStepUs: z.number(),
  networkEpochsPerSecond: z.number(),
  weightUpdatesPerSecond: z.number(),
  /** Counted on unpruned weights. */
  gflops: z.number(),
  /** Of the measured ceilings, times the threads that compute on a CPU; null where none was measured for this engine. */
  arithmeticShare: share,
  bandwidthShare: share,
  /** How far the first and last network were from the twins before anything was timed; see `check.ts`. */
  check: z.strictObject({ moveError: z.number(), lossError: z.number() }),
});

/** One kernel call of training, by the device's own clock. */
const kernel = z.strictObject({
  ...networks,
  kernel: z.string(),
  /** What tells calls of a kernel apart, such as `57x57, 64 samples`. */
  size: z.string(),
  /** Calls timed. */
  calls: z.int().positive(),
  /** Microseconds of a call, for the whole population. */
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
      /** Whether kernels can be timed one by one (`timestamp-query`). */
      hasTimestamps: z.boolean(),
    })
    .nullable(),
  /** Fewer and shorter trials, smaller populations: figures to see that it works. */
  quick: z.boolean(),
  ceilings: z.array(ceilings),
  throughput: z.array(throughput),
  /** Cases that were not timed, and why. */
  leftOut: z.array(z.strictObject({ ...networks, reason: z.string() })),
  /** Null where no kernels were asked for, or none could be timed. */
  kernels: z.strictObject({ clockGrainNs: z.number(), calls: z.array(kernel) }).nullable(),
  /** What some pairs of cases come to. */
  ratios: z.array(z.strictObject({ what: z.string(), ratio: z.number() })),
});

/** All figures of a benchmark, ready for JSON. */
export type BenchmarkResult = z.infer<typeof schema>;
export type Ceilings = z.infer<typeof ceilings>;
export type Throughput = z.infer<typeof throughput>;
export type KernelTime = z.infer<typeof kernel>;
export type LeftOut = BenchmarkResult["leftOut"][number];
export type Ratio = BenchmarkResult["ratios"][number];

/** Checks a document that claims to be a {@link BenchmarkResult}. */
export const benchmarkResultSchema = schema;
