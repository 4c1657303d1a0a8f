import { InputError } from "../base/errors.ts";
import { checkWeights, formatShape, mostWidth, type Shape, weightCount } from "../base/shape.ts";
import { mostLevels } from "./trajectory.ts";

/**
 * Network extension (thesis, section 3.3): the shape from which e prunings at rate p lead back to the base. Its m
 * hidden layers have the width h = round(positive root of (m - 1) h^2 + (d_in + d_out) h - N / (1 - p)^e), N being the
 * base's weight count.
 * @param base shape with at least one hidden layer, all of equal width
 * @param rate p, above 0 and below 1
 * @param extension e, an integer from 0 to 1000; 0 is the base itself
 * @throws InputError when the base has no hidden layer or unequal ones, or a number is out of its range
 */
export function extendedShape(base: Shape, rate: number, extension: number): Shape {
  const hidden = base.slice(1, -1);
  if (hidden.length === 0 || hidden.some((width) => width !== hidden[0])) {
    throw new InputError(
      `base ${formatShape(base)} must have hidden layers of equal width to be extended, such as (4,8,8,2)`,
    );
  }
  if (!Number.isInteger(extension) || extension < 0 || extension > mostLevels) {
    throw new InputError(`extension ${extension} is not an integer from 0 to ${mostLevels}`);
  }
  if (!(rate > 0 && rate < 1)) throw new InputError(`rate ${rate} is not above 0 and below 1`);
  if (extension === 0) return base;
  const [dIn, dOut] = [base[0], base[base.length - 1]];
  const target = weightCount(base) / (1 - rate) ** extension;
  const quadratic = hidden.length - 1;
  const linear = dIn + dOut;
  const root =
    quadratic === 0 ? target / linear : (Math.sqrt(linear ** 2 + 4 * quadratic * target) - linear) / (2 * quadratic);
  const width = Math.round(root);
  if (width > mostWidth) {
    throw new InputError(
      `extension ${extension} of ${formatShape(base)} needs hidden layers of ${width}, at most ${mostWidth}`,
    );
  }
  const shape = [dIn, ...hidden.map(() => width), dOut];
  checkWeights(shape, `extension ${extension} of ${formatShape(base)}`);
  return shape;
}

/**
 * Weights left at the levels of a run of extension e: the weight counts of the extensions e, e - 1, .., 1, 0.
 * @param countOf what is counted of a shape; default its weights
 */
export function extensionTrajectory(
  base: Shape,
  rate: number,
  extension: number,
  countOf: (shape: Shape) => number = weightCount,
): number[] {
  return Array.from({ length: extension + 1 }, (_, level) => countOf(extendedShape(base, rate, extension - level)));
}
