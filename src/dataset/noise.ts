import { classPlace, curve } from "./curve.ts";

/**
 * Labels by chance: points drawn evenly from the square [-1, 1]^2, whatever their label, with as many of each class. A task that
 * cannot be learnt: what a network knows of its training samples, it has by heart.
 */
export const noise = curve({
  name: "noise",
  options: {},
  defaults: {},
  mostClasses: 4,
  point(index, samples, _, { classes, chance }) {
    const { label } = classPlace(index, samples, classes);
    return { x: 2 * chance.nextUniform() - 1, y: 2 * chance.nextUniform() - 1, label };
  },
});
