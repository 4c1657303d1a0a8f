import type { NeuronValues } from "./network.ts";
import type { Part } from "./parts.ts";

/** How the activations of hidden neurons go together. */
export interface Correlations {
  /** `[part][part]`: mean |r| over pairs of different neurons, one of each part; null where there is no pair. */
  readonly byParts: readonly (readonly (number | null)[])[];
  /** By part, in the order of its neurons: mean |r| with the others of the part, and with those of other parts. */
  readonly byNeuron: readonly (readonly { readonly within: number | null; readonly between: number | null }[])[];
}

/** Most neurons whose pairs are compared: a million of pairs. */
export const mostCorrelated = 1500;

/**
 * Pearson's correlation r of the activations of every two hidden neurons over the samples. A neuron whose activation is the same for
 * every sample has none and is left out.
 */
export function correlations(values: NeuronValues, parts: readonly Part[], samples: number): Correlations {
  const scaled = parts.map(({ neurons }) =>
    neurons.map(([layer, index]) => standardised(values[layer].subarray(index * samples, (index + 1) * samples))),
  );
  const sums = parts.map(() => parts.map(() => ({ total: 0, pairs: 0 })));
  const byNeuron = parts.map(({ neurons }, part) =>
    neurons.map((_, at) => {
      const [own, within, between] = [scaled[part][at], { total: 0, pairs: 0 }, { total: 0, pairs: 0 }];
      if (!own) return { within: null, between: null };
      scaled.forEach((others, other) => {
        others.forEach((one, place) => {
          if (!one || (other === part && place === at)) return;
          const r = Math.abs(product(own, one));
          for (const sum of [other === part ? within : between, sums[part][other]]) {
            sum.total += r;
            sum.pairs++;
          }
        });
      });
      return { within: mean(within), between: mean(between) };
    }),
  );
  return { byParts: sums.map((row) => row.map(mean)), byNeuron };
}

function mean({ total, pairs }: { readonly total: number; readonly pairs: number }): number | null {
  return pairs === 0 ? null : total / pairs;
}

/** Values of mean 0 and sum of squares 1; undefined where they do not vary. */
function standardised(values: Float64Array): Float64Array | undefined {
  const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  if (!(squares > 1e-20 * centre * centre * values.length) || squares === 0) return undefined;
  return values.map((value) => (value - centre) / Math.sqrt(squares));
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let s = 0; s < a.length; s++) sum += a[s] * b[s];
  return Math.min(1, Math.max(-1, sum));
}
