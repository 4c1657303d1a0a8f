import * as z from "zod";
import { keyTexts } from "../base/key_texts.ts";
import { curve } from "./curve.ts";

const defaults = { factor: 0.35 };

/** Like scikit-learn's `make_circles`: an outer circle of radius 1 (label 0), an inner one (label 1), without ends. */
export const circles = curve({
  name: "circles",
  options: {
    factor: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .register(keyTexts, {
        label: "Factor",
        meaning: "radius of the inner of two circles, the outer one's being 1",
        give: "a number from 0 to below 1",
        standard: String(defaults.factor),
      }),
  },
  defaults,
  point(index, samples, { factor }) {
    const half = samples / 2;
    const label = index < half ? 0 : 1;
    const radius = label === 0 ? 1 : factor;
    const angle = (2 * Math.PI * (index % half)) / half;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle), label };
  },
});
