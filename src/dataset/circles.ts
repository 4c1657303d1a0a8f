import { z } from "zod";
import { curve } from "./curve.ts";

/** Like scikit-learn's `make_circles`: an outer circle of radius 1 (label 0), an inner one (label 1), without ends. */
export const circles = curve({
  name: "circles",
  options: {
    factor: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe("the radius of the inner of two circles, from 0 to below 1; the default is 0.35"),
  },
  defaults: { factor: 0.35 },
  point(index, samples, { factor }) {
    const half = samples / 2;
    const label = index < half ? 0 : 1;
    const radius = label === 0 ? 1 : factor;
    const angle = (2 * Math.PI * (index % half)) / half;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label };
  },
});
