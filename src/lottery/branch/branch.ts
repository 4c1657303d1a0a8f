import * as z from "zod";

const count = z.int().nonnegative();

/** What names the run that a branch takes something from: its bytes are a function of these. */
const originSchema = z.looseObject({
  name: z.string(),
  specHash: z.string(),
  /** Engine and adapter. */
  executor: z.string(),
  /** Of the program that trained it; absent where the run does not name one. */
  numeric: count.optional(),
  kernels: z.string().optional(),
});

/**
 * What a branch of a run is, a part of its spec. The seed of the branch's run is that of the run it branches from; with the
 * rest of the spec this determines the branch.
 */
export const branchSchema = z.looseObject({
  /** Name of a kind of branch. */
  kind: z.string(),
  /** Branch seed, an unsigned 32-bit integer; absent where the kind uses none. */
  seed: count.max(0xffffffff).optional(),
  /** Levels of the run that are trained again, ascending. */
  levels: z.array(count).min(1),
  /** What the run rewinds to, if that is not its initial weights: all levels of the branch start from there. */
  rewind: z.string().optional(),
  source: originSchema,
  /** Of a transplant: the run whose masks it has. */
  from: originSchema.extend({ seed: count }).optional(),
});

export type Origin = Readonly<z.infer<typeof originSchema>>;
export type Branch = Readonly<z.infer<typeof branchSchema>>;
