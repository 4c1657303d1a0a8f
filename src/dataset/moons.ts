import { curve } from "./curve.ts";

/** Like scikit-learn's `make_moons`: an upper half circle (label 0), a lower one shifted into it (label 1); end points. */
export const moons = curve({
  name: "moons",
  options: {},
  defaults: {},
  point(index, samples) {
    const half = samples / 2;
    const label = index < half ? 0 : 1;
    const angle = (Math.PI * (index % half)) / (half - 1);
    return label === 0
      ? { x: Math.cos(angle), y: Math.sin(angle), label }
      : { x: 1 - Math.cos(angle), y: 1 - Math.sin(angle) - 0.5, label };
  },
});
