import { curve } from "./curve.ts";

/** Like scikit-learn's `make_moons`: an upper half circle (label 0) and a lower one, shifted (label 1), with ends. */
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
