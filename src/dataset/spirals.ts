import { classPlace, curve } from "./curve.ts";

/** Gives a distance of 2/3 between neighbouring arms, about that between the two circles. */
const [outerRadius, turnsOfAllArms] = [2, 3];

/**
 * Interleaved Archimedean spirals, one for each class, each turned against the one before by a share of a turn: two of 1.5
 * turns, three of 1 turn. The radius is proportional to the angle, which grows with the square root of the index, so that
 * points are spaced almost evenly along the curve. The common start at the origin is left out.
 */
export const spirals = curve({
  name: "spirals",
  options: {},
  defaults: {},
  mostClasses: 4,
  point(index, samples, _, { classes }) {
    const { label, at, of } = classPlace(index, samples, classes);
    const share = Math.sqrt((at + 1) / of);
    const angle = 2 * Math.PI * (turnsOfAllArms / classes) * share + label * ((2 * Math.PI) / classes);
    const radius = outerRadius * share;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label };
  },
});
