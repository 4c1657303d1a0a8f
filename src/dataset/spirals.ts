import { curve } from "./curve.ts";

const turns = 1.5;
/** Gives a distance of 2/3 between neighbouring arms, about that between the two circles. */
const outerRadius = 2;

/**
 * Two interleaved Archimedean spirals of 1.5 turns, radius proportional to angle: one for label 0, the same rotated by
 * half a turn for label 1. The angle grows with the square root of the index, so that points are spaced almost evenly
 * along the curve. The common start at the origin is left out.
 */
export const spirals = curve({
  name: "spirals",
  options: {},
  defaults: {},
  point(index, samples) {
    const half = samples / 2;
    const label = index < half ? 0 : 1;
    const share = Math.sqrt(((index % half) + 1) / half);
    const angle = 2 * Math.PI * turns * share + label * Math.PI;
    const radius = outerRadius * share;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label };
  },
});
