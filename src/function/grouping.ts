import type { ColumnGroup } from "../analysis/hidden_tasks.ts";

/** Groups of inputs and outputs by how much the outputs depend on the inputs. */
export interface Grouping {
  /** Each with at least one input and one output; the one with the lowest input first. One group where none are told apart. */
  readonly groups: readonly ColumnGroup[];
  /**
   * Newman's coefficient of the best division into groups, told apart or not: the share of dependence within its groups, less that
   * expected by chance, over the most that could be; null where no division has more within its groups than by chance.
   */
  readonly assortativity: number | null;
  /** Share of the dependence that joins an input of one group to an output of another; 0 for one group. */
  readonly crossShare: number;
}

/** Assortativity from which groups are told apart: half of what a division without any dependence between groups has. */
export const leastAssortativity = 0.5;
/** Outputs up to which every division is tried: 4,140 divisions of 8. */
const mostTried = 8;

/** A division of the outputs, with the group of every input. */
interface Division {
  readonly ofOutput: readonly number[];
  readonly ofInput: readonly number[];
  /** Barber's modularity. */
  readonly modularity: number;
  /** What chance puts within the groups. */
  readonly expected: number;
}

/**
 * Divides inputs and outputs into groups by the modularity of the bipartite graph whose weights are the dependences (Barber,
 * Modularity and community detection in bipartite networks, Physical Review E 2007), each output's scaled to a sum of 1. For a given
 * division of the outputs the best group of each input does not depend on the other inputs, so every division of up to 8 outputs is
 * tried; of more, groups are merged two at a time while that does not lower modularity, from each output alone. No group is without an
 * input: merging such a group with one of the others lowers nothing. The division is taken where its assortativity
 * (Newman, Mixing patterns in networks, Physical Review E 2003, equation 2) is at least 0.5, else all is one group.
 *
 * Inputs that no output depends on, and outputs that depend on no input, are in no group.
 * @param dependence `[output][input]`, at least 0
 */
export function groupByDependence(dependence: readonly ArrayLike<number>[]): Grouping {
  const sums = dependence.map((row) => Array.from(row).reduce((sum, value) => sum + value, 0));
  const outputs = sums.flatMap((sum, output) => (sum > 0 ? [output] : []));
  const columns = dependence.length === 0 ? [] : Array.from(dependence[0], (_, input) => input);
  const inputs = columns.filter((input) => outputs.some((output) => dependence[output][input] > 0));
  if (outputs.length === 0) return { groups: [], assortativity: null, crossShare: 0 };
  const total = outputs.length;
  const rows = outputs.map((output) => inputs.map((input) => dependence[output][input] / sums[output] / total));
  const best = outputs.length <= mostTried ? bestOfAll(rows) : bestByMerging(rows);
  const assortativity = best.modularity > 0 ? best.modularity / (1 - best.expected) : null;
  if (assortativity === null || assortativity < leastAssortativity) {
    return { groups: [{ inputs, outputs }], assortativity, crossShare: 0 };
  }
  const groups = [...new Set(best.ofOutput)].map((group) => ({
    inputs: inputs.filter((_, at) => best.ofInput[at] === group),
    outputs: outputs.filter((_, at) => best.ofOutput[at] === group),
  }));
  groups.sort((a, b) => a.inputs[0] - b.inputs[0]);
  return { groups, assortativity, crossShare: Math.max(0, 1 - best.modularity - best.expected) };
}

/** The best of all divisions of the outputs; of equal ones the first, which has the fewest groups at the front. */
function bestOfAll(rows: readonly (readonly number[])[]): Division {
  let best: Division | undefined;
  const ofOutput: number[] = [];
  const visit = (groups: number) => {
    if (ofOutput.length === rows.length) {
      const division = divide(rows, ofOutput.slice());
      if (!best || division.modularity > best.modularity + 1e-12) best = division;
      return;
    }
    for (let group = 0; group <= groups; group++) {
      ofOutput.push(group);
      visit(Math.max(groups, group + 1));
      ofOutput.pop();
    }
  };
  visit(0);
  return best ?? divide(rows, []);
}

function bestByMerging(rows: readonly (readonly number[])[]): Division {
  let best = divide(
    rows,
    rows.map((_, output) => output),
  );
  for (;;) {
    const names = [...new Set(best.ofOutput)];
    let merged: Division | undefined;
    for (const [at, into] of names.entries()) {
      for (const from of names.slice(at + 1)) {
        const division = divide(
          rows,
          best.ofOutput.map((group) => (group === from ? into : group)),
        );
        const least = merged ? merged.modularity + 1e-12 : best.modularity - 1e-12;
        if (division.modularity > least) merged = division;
      }
    }
    if (!merged) return best;
    best = merged;
  }
}

/** Puts each input into the group that raises modularity most; of equal ones into the first. */
function divide(rows: readonly (readonly number[])[], ofOutput: readonly number[]): Division {
  const shareOfGroup = new Map<number, number>();
  for (const group of ofOutput) shareOfGroup.set(group, (shareOfGroup.get(group) ?? 0) + 1 / rows.length);
  let [within, expected] = [0, 0];
  const ofInput = rows[0].map((_, input) => {
    const column = rows.map((row) => row[input]);
    const share = column.reduce((sum, value) => sum + value, 0);
    let chosen = { group: -1, gain: Number.NEGATIVE_INFINITY, inGroup: 0, byChance: 0 };
    for (const [group, groupShare] of shareOfGroup) {
      const inGroup = column.reduce((sum, value, output) => sum + (ofOutput[output] === group ? value : 0), 0);
      const byChance = share * groupShare;
      if (inGroup - byChance > chosen.gain + 1e-15) chosen = { group, gain: inGroup - byChance, inGroup, byChance };
    }
    within += chosen.inGroup;
    expected += chosen.byChance;
    return chosen.group;
  });
  return { ofOutput, ofInput, modularity: within - expected, expected };
}
