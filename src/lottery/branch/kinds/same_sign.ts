import { Parameters } from "../../../network/parameters.ts";
import type { BranchKind } from "../kind.ts";

/** Weights drawn anew, each with the sign of the initial weight: |w'| sign(w). Biases are the initial ones. */
export const sameSign: BranchKind = {
  name: "same-sign",
  summary: "magnitudes drawn anew, the signs of the initial weights, the ticket's mask",
  paper: "Zhou et al. 2019",
  usesSeed: true,
  isControl: false,
  start: async ({ shape, layout, values }, redraw) => {
    const drawn = (await redraw()).values;
    const firstBias = layout.biasOffset[0];
    return new Parameters(
      shape,
      values.map((value, i) => (i < firstBias ? Math.abs(drawn[i]) * Math.sign(value) : value)),
    );
  },
};
