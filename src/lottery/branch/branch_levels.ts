import type { LevelRecord, LevelState } from "../../store/level_record.ts";
import type { BranchedRun } from "./branch_run.ts";
import { keepsUp, ticketWorth, type Worth } from "./worth.ts";

/** The dense network's place among the kinds of a level. */
export const denseKind = "dense";

/** All runs of a kind at a level. */
export interface KindAtLevel {
  /** Name of a kind of branch; `dense` for the dense network of the runs. */
  readonly kind: string;
  readonly isControl: boolean;
  /** Whether at least half of the runs win. */
  readonly keepsUp: boolean;
  readonly wins: number;
  /** Number of runs by the state of their masks; states that none has are left out. */
  readonly states: Readonly<Partial<Record<LevelState, number>>>;
  /** [run]: seed of the run that it branches from, branch seed (null where the kind uses none), and record. */
  readonly runs: readonly { readonly seed: number; readonly branchSeed: number | null; readonly record: LevelRecord }[];
}

/** The branches of some runs at a level. */
export interface BranchLevel {
  /** Of the runs that they branch from. */
  readonly level: number;
  /** What the ticket is worth; null for the dense network, and where the ticket has not been trained again. */
  readonly worth: Worth | null;
  /** In the order of the kinds, those without a run left out. */
  readonly kinds: readonly KindAtLevel[];
}

/** The branches of some runs, level by level; level 0 is there for the dense network. */
export function branchLevels(sources: readonly BranchedRun[]): BranchLevel[] {
  const branches = sources.flatMap((source) => source.branches);
  const records = branches.flatMap(({ kind, isControl, seed, branchSeed = null, levels }) =>
    levels.map((record) => ({ kind, isControl, seed, branchSeed, record, level: record.sourceLevel ?? record.level })),
  );
  const dense = sources.map(({ seed, levels: [record] }) => ({
    ...{ kind: denseKind, isControl: false, seed, branchSeed: null, record, level: 0 },
  }));
  const all = [...dense, ...records];
  return [...new Set(all.map(({ level }) => level))]
    .sort((a, b) => a - b)
    .map((level) => {
      const here = all.filter((each) => each.level === level);
      const kinds = [...new Set(here.map(({ kind }) => kind))].map((kind): KindAtLevel => {
        const runs = here.filter((each) => each.kind === kind);
        const wins = runs.filter(({ record }) => record.winning).length;
        const states: Partial<Record<LevelState, number>> = {};
        for (const { record } of runs) states[record.state] = (states[record.state] ?? 0) + 1;
        return {
          kind,
          isControl: runs[0].isControl,
          keepsUp: keepsUp({ runs: runs.length, wins }),
          wins,
          states,
          runs: runs.map(({ seed, branchSeed, record }) => ({ seed, branchSeed, record })),
        };
      });
      return { level, worth: worthOf(level, kinds), kinds };
    });
}

function worthOf(level: number, kinds: readonly KindAtLevel[]): Worth | null {
  const counted = kinds.map(({ kind, isControl, wins, runs }) => ({ kind, isControl, wins, runs: runs.length }));
  const ticket = counted.find(({ kind }) => kind === "ticket");
  if (!ticket || level === 0) return null;
  return ticketWorth(
    ticket,
    counted.filter(({ isControl }) => isControl),
  );
}
