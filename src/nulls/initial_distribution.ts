import { layerCount, type Shape } from "../base/shape.ts";
import { initialDeviation } from "../network/initial.ts";
import { defaultInitializer, initializers } from "../network/initializers/index.ts";
import { normal, uniform } from "../network/initializers/initializer.ts";
import type { InitialDistribution } from "./models/model.ts";

/** The keys of a spec that say how initial weights are drawn and ranked; left out: their defaults. */
export interface InitialKeys {
  readonly initializer?: string | undefined;
  readonly activation?: string | undefined;
  readonly scope?: string | undefined;
  readonly layerRates?: readonly number[] | undefined;
  readonly prunable?: string | undefined;
}

/** How the initial weights of a network are distributed, or why its pruning without training cannot be drawn. */
export function initialDistribution(
  shape: Shape,
  { initializer = defaultInitializer, activation, scope = "global", layerRates, prunable }: InitialKeys,
): InitialDistribution | { readonly unknown: string } {
  if (scope !== "global") {
    return {
      unknown: `the run prunes layer by layer (scope=${scope}), and an untrained network pruned so is a shuffle of each layer: see shuffled`,
    };
  }
  if (layerRates) return { unknown: "the run does not prune all layers (layerRates)" };
  if (prunable === "parameters") return { unknown: "the run prunes biases too, which are 0 before training" };
  const { draw } = initializers.get(initializer);
  if (draw !== normal && draw !== uniform) {
    return { unknown: `weights of the initialiser ${initializer} depend on each other` };
  }
  return {
    deviations: Array.from({ length: layerCount(shape) }, (_, layer) =>
      initialDeviation(shape, layer, { initializer, activation }),
    ),
    form: draw === normal ? "normal" : "uniform",
  };
}
