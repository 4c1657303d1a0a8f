import { streamBlock } from "../../base/random.ts";
import type { Shape } from "../../base/shape.ts";
import { type InitialChoice, initialParametersInTurns } from "../../network/initial.ts";
import type { Parameters } from "../../network/parameters.ts";
import type { Branch } from "./branch.ts";
import { branchKinds } from "./kinds.ts";

/** What branch seeds are drawn for. */
const uses = { weights: 0, order: 1 } as const;

/**
 * The seed of new weights, or of another order, for a run and a branch seed: an unsigned 32-bit integer. It is drawn, so that
 * a branch seed that equals the run's own seed does not give the run's own weights, and two runs do not share theirs.
 */
export function drawnSeed(seed: number, branchSeed: number, use: keyof typeof uses): number {
  return streamBlock(seed, "branchSeed", 0, branchSeed, uses[use])[0];
}

/**
 * The parameters that the levels of a branch start from, before their masks.
 * @param seed of the run
 * @param original initial parameters of the run; not modified
 * @throws InputError when the kind, the initialiser or the activation is not known
 */
export async function branchStart(
  spec: InitialChoice & { readonly shape: Shape },
  { kind, seed: branchSeed = 0 }: Branch,
  seed: number,
  original: Parameters,
): Promise<Parameters> {
  const redraw = () => initialParametersInTurns(spec.shape, drawnSeed(seed, branchSeed, "weights"), spec);
  return branchKinds.get(kind).start?.(original, redraw) ?? original;
}
