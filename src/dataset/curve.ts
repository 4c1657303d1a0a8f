import type * as z from "zod";

/** Options with every value given. */
export type FilledOptions<Schemas extends z.ZodRawShape> = {
  readonly [Key in keyof Schemas]: NonNullable<z.infer<Schemas[Key]>>;
};

/** A binary task of two inputs: two curves in the plane, one for each label. */
export interface Curve<Schemas extends z.ZodRawShape = z.ZodRawShape> {
  /** Name of the task. */
  readonly name: string;
  /** Spec keys of the curve, each optional; every description completes the sentence "give ..". */
  readonly options: Schemas;
  readonly defaults: FilledOptions<Schemas>;
  /**
   * A point on the curves, without noise.
   * @param index from 0 to samples - 1; the first half has label 0
   * @param samples an even number, from 4
   */
  point(index: number, samples: number, options: FilledOptions<Schemas>): { x: number; y: number; label: number };
}

/** Returns the curve unchanged; keeps the types of its options. */
export function curve<Schemas extends z.ZodRawShape>(one: Curve<Schemas>): Curve<Schemas> {
  return one;
}
