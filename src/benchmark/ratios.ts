import { formatShape } from "../base/shape.ts";
import type { Ratio, Throughput } from "./result.ts";

/** Ratios of figures: the largest population to one network alone, and the sparse network to the dense one. */
export function ratiosOf(throughput: readonly Throughput[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const one of throughput) {
    const where = `${one.engine} ${formatShape(one.shape)}`;
    const alike = throughput.filter((other) => other.engine === one.engine && other.shape.join() === one.shape.join());
    if (one.population === 1) {
      const largest = alike.filter(({ weights }) => weights === one.weights).at(-1);
      if (largest && largest.population > 1) {
        ratios.push({
          what: `${where}, ${one.weights} weights: rate of a population of ${largest.population} against one network alone`,
          ratio: largest.networkEpochsPerSecond / one.networkEpochsPerSecond,
        });
      }
    }
    const dense = alike.find(({ weights, population }) => weights > one.weights && population === one.population);
    if (dense) {
      ratios.push({
        what: `${where}, population ${one.population}: rate at ${one.weights} weights against ${dense.weights}`,
        ratio: one.networkEpochsPerSecond / dense.networkEpochsPerSecond,
      });
    }
  }
  return ratios;
}
