/** How often the runs of a kind win at a level. */
export interface Wins {
  readonly kind: string;
  readonly runs: number;
  readonly wins: number;
}

/**
 * What the ticket of a level is worth, by the ranges of sparsity of Frankle, Dziugaite, Roy and Carbin 2020 and 2021. A kind
 * *keeps up* if at least half of its runs win: no task lost, and accuracy and balanced accuracy of every task at least
 * those of the dense network minus the tolerance of the spec.
 * - `too sparse`: the ticket does not keep up.
 * - `trivial`: it does, and so does a control (src/lottery/branch/kind.ts says which kinds are controls).
 * - `only by IMP`: it does, and no control does.
 * - `no control`: it does, and no control was trained.
 */
export type Worth = "trivial" | "only by IMP" | "too sparse" | "no control";

/** @param controls of the level, each with at least one run */
export function ticketWorth(ticket: Omit<Wins, "kind">, controls: readonly Wins[]): Worth {
  if (!keepsUp(ticket)) return "too sparse";
  if (controls.length === 0) return "no control";
  return controls.some(keepsUp) ? "trivial" : "only by IMP";
}

/** Whether at least half of the runs win. */
export function keepsUp({ runs, wins }: Omit<Wins, "kind">): boolean {
  return 2 * wins >= runs;
}
