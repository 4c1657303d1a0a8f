import { formatShape } from "../base/shape.ts";
import type { Ratio, Throughput } from "./result.ts";

/** What pairs of figures come to: the largest population against one network alone, and the sparse network against the dense one. */
export function ratiosOf(throughput: readonly Throughput[]): Ratio[] {
  const ratios: Ratio[] = [];
  for (const one of throughput) {
    const where = `${one.engine} ${formatShape(one.shape)}`;
    const alike = throughput.filter((other) => other.engine === one.engine && other.shape.join() === one.shape.join());
    if (one.population === 1) {
      const crowd = alike.filter(({ weights }) => weights === one.weights).at(-1);
      if (crowd && crowd.population > 1) {
        ratios.push({
          what: `${where}, ${one.weights} weights: rate of a population of ${crowd.population} against one network alone`,
          ratio: crowd.networkEpochsPerSecond / one.networkEpochsPerSecond,
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
