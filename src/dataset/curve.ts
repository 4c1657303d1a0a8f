import type * as z from "zod";
import type { RandomStream } from "../base/random.ts";

/** Options with every value given. */
export type FilledOptions<Schemas extends z.ZodRawShape> = {
  readonly [Key in keyof Schemas]: NonNullable<z.infer<Schemas[Key]>>;
};

/** What else a point depends on. */
export interface PointRequest {
  /** Number of classes, from 2 to the most of the curve. */
  readonly classes: number;
  /** For curves whose points are drawn; the noise of the point is drawn after it. */
  readonly chance: RandomStream;
}

/** A classification of two inputs: a curve or region in the plane for each class. */
export interface Curve<Schemas extends z.ZodRawShape = z.ZodRawShape> {
  /** Name of the task. */
  readonly name: string;
  /** Spec keys of the curve, each optional; every description completes the sentence "give ..". */
  readonly options: Schemas;
  readonly defaults: FilledOptions<Schemas>;
  /** Classes at most; undefined: 2. */
  readonly mostClasses?: number;
  /**
   * A point on the curves, without noise.
   * @param index from 0 to samples - 1; its class is that of {@link classPlace}
   * @param samples an even number, from 4
   */
  point(
    index: number,
    samples: number,
    options: FilledOptions<Schemas>,
    request: PointRequest,
  ): { x: number; y: number; label: number };
}

/** Returns the curve unchanged; keeps the types of its options. */
export function curve<Schemas extends z.ZodRawShape>(one: Curve<Schemas>): Curve<Schemas> {
  return one;
}

/**
 * The class of a point: the first samples / classes points have label 0, the next 1, and so on, so that all tasks of as many
 * classes have as many samples of each.
 * @returns its label, its number within the class from 0, and how many points the class has
 */
export function classPlace(index: number, samples: number, classes: number) {
  const label = Math.floor((index * classes) / samples);
  const start = Math.ceil((label * samples) / classes);
  const end = Math.ceil(((label + 1) * samples) / classes);
  return { label, at: index - start, of: end - start };
}
