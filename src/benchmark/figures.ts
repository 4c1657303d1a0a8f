import { chooseCases, type ShapeCase } from "./cases.ts";
import type { EngineName } from "./engines.ts";

/** A figure to be measured. */
export type Figure =
  | { readonly kind: "ceilings"; readonly of: "adapter" | "cpu" }
  | {
      readonly kind: "throughput" | "kernels";
      readonly engine: EngineName;
      readonly shapeCase: ShapeCase;
      /** Weights left in each network. */
      readonly weights: number;
      readonly population: number;
    };

/** What decides which figures there are. */
export interface Offer {
  /** Names of cases; none: all that suit the machine. */
  readonly cases: readonly string[];
  /** Engines that the machine has and that were asked for. */
  readonly engines: readonly EngineName[];
  /** Whether a graphics processor computes: large shapes and populations are no trouble then. */
  readonly isHardware: boolean;
  /** Whether kernels can be timed. */
  readonly hasTimestamps: boolean;
  /** Threads of the CPU: as many networks train on it side by side. */
  readonly threads: number;
  readonly isQuick: boolean;
}

/**
 * Lists the figures in the order in which they are measured: smaller populations first, all of a shape and mask together.
 * @throws InputError when a case is not known
 */
export function listFigures(offer: Offer): Figure[] {
  const { cases, engines, isHardware, hasTimestamps, threads, isQuick } = offer;
  const chosen = chooseCases(cases, isHardware);
  const onDevice = isQuick ? [1, 8] : isHardware ? [1, 32, 256] : [1, 32];
  // A thread trains one network after the other: more of them than threads would only wait.
  const populations = { resident: onDevice, tiled: onDevice, cpu: threads > 1 ? [1, threads] : [1] };
  const onAdapter = engines.filter((engine) => engine !== "cpu");
  const figures: Figure[] = [];
  if (onAdapter.length > 0) figures.push({ kind: "ceilings", of: "adapter" });
  if (engines.includes("cpu")) figures.push({ kind: "ceilings", of: "cpu" });
  for (const shapeCase of new Set([...chosen.shapes, ...chosen.kernels])) {
    for (const weights of shapeCase.weights) {
      for (const engine of chosen.shapes.includes(shapeCase) ? engines : []) {
        for (const population of populations[engine]) {
          figures.push({ kind: "throughput", engine, shapeCase, weights, population });
        }
      }
      for (const engine of hasTimestamps && chosen.kernels.includes(shapeCase) ? onAdapter : []) {
        const population = isQuick ? 1 : (shapeCase.kernelPopulation ?? 1);
        figures.push({ kind: "kernels", engine, shapeCase, weights, population });
      }
    }
  }
  return figures;
}
