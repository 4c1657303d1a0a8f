import * as z from "zod";

/** The program that trains a run. Two programs of equal `numeric` and `kernels` give the same bytes on one adapter. */
export interface Program {
  /** Version of the package, such as `0.1.0`. */
  readonly version: string;
  /** Number of the host's numerics, from 1; src/run/program.ts says what raises it. */
  readonly numeric: number;
  /** First 16 hexadecimal digits of the SHA-256 over the kernels that train: all WGSL, or the WebAssembly module. */
  readonly kernels: string;
}

/** A program that trained the first levels of a run which another one goes on with. */
export interface FormerProgram {
  /** Number of levels that were finished when the next program took over, from 1. */
  readonly levels: number;
  /** Undefined for a version that stored neither program nor checksums. */
  readonly program?: Program | undefined;
}

export const programSchema = z.looseObject({
  version: z.string(),
  numeric: z.int().nonnegative(),
  kernels: z.string(),
}) satisfies z.ZodType<Program>;

export const formerProgramSchema = z.looseObject({
  levels: z.int().positive(),
  program: programSchema.optional(),
}) satisfies z.ZodType<FormerProgram>;

/** Whether two programs give the same bytes on one adapter. */
export function trainsAlike(one: Program, other: Program): boolean {
  return one.numeric === other.numeric && one.kernels === other.kernels;
}

/** `split-ticket 0.1.0 (numerics 1, kernels 0123456789abcdef)`. */
export function describeProgram({ version, numeric, kernels }: Program): string {
  return `split-ticket ${version} (numerics ${numeric}, kernels ${kernels})`;
}
