import { plainTable } from "../../src/report/plain_table.ts";
import { type Phase, phases } from "./phases.ts";

/** What is lost in one way, and the phases in which it can be. */
export interface LossKind {
  readonly name: string;
  readonly phases: readonly Phase[];
  /** Losses of one run. */
  readonly atOnce: number;
}

/** Counts losses by kind and phase, and tells which were tried least. */
export class LossTable {
  /** Losses that were planned, and those that came about: an operation may not come again after an earlier loss. */
  readonly #planned = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  constructor(readonly kinds: readonly LossKind[]) {}

  get total(): number {
    return this.kinds.reduce((sum, kind) => sum + this.#of(this.#counts, kind), 0);
  }

  /** Of some kinds the one with the fewest losses; of equals the one that was planned least. */
  next(kinds: readonly LossKind[]): LossKind {
    const rank = (kind: LossKind) => [this.#of(this.#counts, kind), this.#of(this.#planned, kind)] as const;
    return kinds.reduce((best, kind) => {
      const [[a, b], [c, d]] = [rank(kind), rank(best)];
      return a < c || (a === c && b < d) ? kind : best;
    });
  }

  /** Plans the losses of a run in the phases that a kind had least. */
  plan({ name, phases: own, atOnce }: LossKind): Phase[] {
    const of = (phase: Phase) => this.#get(this.#counts, name, phase) * 2 + this.#get(this.#planned, name, phase);
    const chosen = [...own].sort((a, b) => of(a) - of(b)).slice(0, atOnce);
    for (const phase of chosen) this.#add(this.#planned, name, phase);
    return chosen;
  }

  count(kind: string, phase: Phase): void {
    this.#add(this.#counts, kind, phase);
  }

  /** A text table: a row for each kind, a column for each phase. */
  toString(): string {
    const heads = ["losses", ...phases, "all"];
    const rows = this.kinds.map((kind) => [
      kind.name,
      ...phases.map((phase) => (kind.phases.includes(phase) ? this.#get(this.#counts, kind.name, phase) : "")),
      this.#of(this.#counts, kind),
    ]);
    return plainTable(
      heads.map((head, k) => ({ head, align: k === 0 ? "left" : "right" })),
      rows,
    );
  }

  #of(counts: ReadonlyMap<string, number>, { name, phases: own }: LossKind): number {
    return own.reduce((sum, phase) => sum + this.#get(counts, name, phase), 0);
  }

  #get(counts: ReadonlyMap<string, number>, kind: string, phase: Phase): number {
    return counts.get(`${kind} ${phase}`) ?? 0;
  }

  #add(counts: Map<string, number>, kind: string, phase: Phase): void {
    counts.set(`${kind} ${phase}`, this.#get(counts, kind, phase) + 1);
  }
}
