import { curve } from "./curve.ts";

/** Share of a square's side that is left free beside each axis. */
const margin = 0.2;

/**
 * The exclusive or of two signs: points drawn evenly from four squares around the origin, label 0 where the two coordinates have
 * one sign, 1 where they have two. Their absolute values lie between 0.2 and 1. Neither coordinate alone tells the label.
 */
export const xor = curve({
  name: "xor",
  options: {},
  defaults: {},
  point(index, samples, _, { chance }) {
    const label = index < samples / 2 ? 0 : 1;
    const side = index % 2 === 0 ? 1 : -1;
    const x = side * (margin + (1 - margin) * chance.nextUniform());
    const y = (label === 0 ? side : -side) * (margin + (1 - margin) * chance.nextUniform());
    return { x, y, label };
  },
});
