import { chooseCases, type ShapeCase } from "./cases.ts";
import type { EngineName } from "./engines.ts";

/** A figure to measure. */
export type Figure =
  | { readonly kind: "ceilings"; readonly of: "adapter" | "cpu" }
  | {
      readonly kind: "throughput" | "kernels";
      readonly engine: EngineName;
      readonly shapeCase: ShapeCase;
      /** Number of kept weights of each network. */
      readonly weights: number;
      readonly population: number;
    };

/** What determines the list of figures. */
export interface Offer {
  /** Names of cases; empty: all cases that suit the machine. */
  readonly cases: readonly string[];
  /** Requested engines that the machine has. */
  readonly engines: readonly EngineName[];
  /** Whether the adapter is a GPU, which is fast enough for large shapes and populations. */
  readonly isHardware: boolean;
  /** Whether kernels can be timed. */
  readonly hasTimestamps: boolean;
  /** Number of CPU threads, each of which trains one network at a time. */
  readonly threads: number;
  readonly isQuick: boolean;
}

/**
 * Lists the figures in order of measurement: all figures of a shape and mask together, smaller populations first.
 * @throws InputError when a case is unknown
 */
export function listFigures(offer: Offer): Figure[] {
  const { cases, engines, isHardware, hasTimestamps, threads, isQuick } = offer;
  const chosen = chooseCases(cases, isHardware);
  const onDevice = isQuick ? [1, 8] : isHardware ? [1, 32, 256] : [1, 32];
  // A thread trains one network at a time, so more networks than threads would only wait.
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
