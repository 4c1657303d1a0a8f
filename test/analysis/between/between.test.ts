import { describe, expect, it } from "vitest";
import { taskConductance } from "../../../src/analysis/between/task_conductance.ts";
import { taskCuts } from "../../../src/analysis/between/task_cuts.ts";
import { taskGroups } from "../../../src/analysis/between/task_groups.ts";
import { bigLog10, bigRatio, taskPaths } from "../../../src/analysis/between/task_paths.ts";
import { type Terminals, taskTerminals } from "../../../src/analysis/between/terminals.ts";
import { minimumCut } from "../../../src/analysis/graph/max_flow.ts";
import { hasColumn } from "../../../src/base/columns.ts";
import { RandomStream } from "../../../src/base/random.ts";
import type { Task } from "../../../src/base/task.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { task, ticket, twoTasks } from "../drawn.ts";
import {
  allPaths,
  edgeList,
  edgesOnPaths,
  graphOf,
  graphOfEdges,
  randomMask,
  smallMasks,
  tasksOf,
} from "../graph_cases.ts";

const terminalsOf = (mask: Mask, tasks: readonly Task[]) => taskTerminals(graphOf(mask), mask.shape, tasks);

describe.each(smallMasks)("of $name", ({ mask, tasks }) => {
  const graph = graphOf(mask);
  const terminals = terminalsOf(mask, tasks);
  const edges = edgeList(graph);

  it("the graph has the weights that lie on a path", () => {
    const name = (node: number) => `${graph.layerOf[node]}:${graph.indexOf[node]}`;
    expect(edges.map(([a, b]) => `${name(a)}-${name(b)}`).sort()).toEqual(edgesOnPaths(mask));
    expect(graph.edges).toBe(edges.length);
  });

  it("paths are those that an enumeration finds", () => {
    const paths = allPaths(mask);
    const expected = tasks.map(({ inputs }) =>
      tasks.map(({ outputs }) =>
        BigInt(paths.filter((path) => hasColumn(inputs, path[0]) && hasColumn(outputs, path[path.length - 1])).length),
      ),
    );
    expect(taskPaths(mask, tasks)).toEqual(expected);
  });

  it("conductances are those of a dense solution", () => {
    const found = taskConductance(graph, terminals);
    terminals.forEach(({ inputs }, a) => {
      terminals.forEach(({ outputs }, b) => {
        expect(found[a][b]).toBeCloseTo(denseConductance(graph.nodes, edges, inputs, outputs), 9);
      });
    });
  });

  it("cuts are the fewest of all divisions", () => {
    const { pairs, all } = taskCuts(graph, terminals);
    const { pairCuts, fewest } = cutsOfAllDivisions(graph.nodes, edges, terminals);
    expect(pairs).toEqual(pairCuts);
    if (!all) throw new Error("tasks that share no column can be apart");
    expect(all.least).toBeLessThanOrEqual(fewest);
    expect(all.most).toBeGreaterThanOrEqual(fewest);
    expect(all.most).toBeLessThanOrEqual((2 - 2 / Math.max(2, tasks.length)) * fewest);
    if (tasks.length < 3) expect(all).toEqual({ least: fewest, most: fewest });
  });

  it("groups have the task that alone is served", () => {
    const paths = allPaths(mask);
    const groups = Array.from({ length: graph.nodes }, (_, node) => {
      const through = paths.filter((path) => path[graph.layerOf[node]] === graph.indexOf[node]);
      const served = tasks.flatMap(({ inputs, outputs }, k) =>
        through.some((path) => hasColumn(inputs, path[0]) || hasColumn(outputs, path[path.length - 1])) ? [k] : [],
      );
      return served.length === 1 ? served[0] : tasks.length;
    });
    expect([...taskGroups(graph, mask, tasks)]).toEqual(groups);
  });
});

describe("paths", () => {
  it("are exact where float64 is not", () => {
    const deep = Mask.full([4, ...new Array<number>(11).fill(41), 2]);
    deep.set(0, 7, 0, false);
    const further = 41n ** 10n;
    expect(taskPaths(deep, twoTasks)).toEqual([
      [81n * further, 81n * further],
      [82n * further, 82n * further],
    ]);
    expect(81n * further).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
  });

  it("of layers of more than a word are those that an enumeration finds", () => {
    const mask = randomMask([4, 70, 40, 2], 0.1, 1);
    const paths = allPaths(mask);
    const count = (input: Task, output: Task) =>
      paths.filter((path) => hasColumn(input.inputs, path[0]) && hasColumn(output.outputs, path[3])).length;
    expect(taskPaths(mask, twoTasks)).toEqual(twoTasks.map((a) => twoTasks.map((b) => BigInt(count(a, b)))));
  });

  it("count a column of two tasks for each, and one of none for none", () => {
    const both = [task("a", [0, 2], [0, 1]), task("b", [1, 1], [1, 1])];
    expect(taskPaths(Mask.full([3, 1, 2]), both)).toEqual([
      [2n, 2n],
      [1n, 1n],
    ]);
  });

  it("have ratios and logarithms beyond float64", () => {
    const large = 3n ** 2000n;
    expect(bigRatio(large, 4n * large)).toBeCloseTo(0.25, 14);
    expect(bigLog10(large)).toBeCloseTo(2000 * Math.log10(3), 9);
    expect([bigLog10(1n), bigLog10(1000n), bigRatio(1n, 3n)]).toEqual([0, Math.log10(1000), 1 / 3]);
  });
});

describe("conductance", () => {
  it("follows the laws of wires in series and side by side", () => {
    // Input 0 to output 0 over two hidden neurons: two ways of two wires each.
    expect(
      taskConductance(graphOf(ticket([2, 2, 2], ["0-0 0-1", "0-0 1-0"])), [{ inputs: [0], outputs: [3] }]),
    ).toEqual([[1]]);
  });

  it("of a full layer is what its symmetry gives", () => {
    const mask = Mask.full([4, 50, 2]);
    // Each hidden neuron stands between 2 wires to the source, 1 to the sink and, by the other output, none that carries current:
    // the inputs of the other task and the other output all take one potential.
    const [[own]] = taskConductance(graphOf(mask), terminalsOf(mask, twoTasks));
    expect(own).toBeCloseTo(denseConductance(56, edgeList(graphOf(mask)), [0, 1], [54]), 9);
  });
});

describe("cuts", () => {
  it("are null for tasks that share an active column", () => {
    const shared = [task("a", [0, 2], [0, 1]), task("b", [1, 1], [1, 1])];
    const mask = Mask.full([2, 2, 2]);
    expect(taskCuts(graphOf(mask), terminalsOf(mask, shared))).toEqual({
      pairs: [
        [null, null],
        [null, null],
      ],
      all: null,
    });
  });

  it("of larger networks are as large as those of a plain search of ways", () => {
    for (let seed = 0; seed < 30; seed++) {
      const mask = randomMask([6, 9, 9, 9, 3], 0.2 + seed / 150, seed);
      const graph = graphOf(mask);
      const terminals = terminalsOf(mask, tasksOf(3, 2));
      const sets = terminals.map(({ inputs, outputs }) => [...inputs, ...outputs]);
      expect(taskCuts(graph, terminals).pairs[0][1]).toBe(plainMaxFlow(graph.nodes, edgeList(graph), sets[0], sets[1]));
    }
  });

  it("of ladders take units back and send them again", () => {
    // Two layers of nodes as a ladder with random further edges: the shortest ways block the others.
    for (let seed = 0; seed < 400; seed++) {
      const random = new RandomStream(seed, "randomPruning");
      const nodes = 24;
      const list: [number, number][] = [];
      for (let a = 0; a < nodes; a++) {
        for (let b = a + 1; b < nodes; b++) if (random.nextUniform() < (b - a < 5 ? 0.5 : 0.02)) list.push([a, b]);
      }
      expect(minimumCut(graphOfEdges(nodes, list), [0, 1, 2], [21, 22, 23])).toBe(
        plainMaxFlow(nodes, list, [0, 1, 2], [21, 22, 23]),
      );
    }
  });
});

/** Effective conductance by Gaussian elimination of the whole Laplacian, with the held nodes joined into two. */
function denseConductance(
  nodes: number,
  edges: readonly [number, number][],
  sources: readonly number[],
  sinks: readonly number[],
): number {
  const joined = (node: number) => (sources.includes(node) ? nodes : sinks.includes(node) ? nodes + 1 : node);
  const laplacian = Array.from({ length: nodes + 2 }, () => new Float64Array(nodes + 3));
  for (const [a, b] of edges) {
    const [i, j] = [joined(a), joined(b)];
    laplacian[i][i]++;
    laplacian[j][j]++;
    laplacian[i][j]--;
    laplacian[j][i]--;
  }
  // Eliminates all nodes but the two ends (Kron's reduction): what is left between these is the conductance.
  for (let k = 0; k < nodes; k++) {
    if (Math.abs(laplacian[k][k]) < 1e-12) continue;
    for (let i = k + 1; i < nodes + 2; i++) {
      const factor = laplacian[i][k] / laplacian[k][k];
      for (let j = k; j < nodes + 2; j++) laplacian[i][j] -= factor * laplacian[k][j];
    }
  }
  return -laplacian[nodes][nodes + 1];
}

/** Cuts between tasks by trying all divisions of the nodes. */
function cutsOfAllDivisions(nodes: number, edges: readonly [number, number][], terminals: readonly Terminals[]) {
  const owner = new Map<number, number>();
  terminals.forEach(({ inputs, outputs }, k) => {
    for (const node of [...inputs, ...outputs]) owner.set(node, k);
  });
  const fewestOf = (owned: (node: number) => number | undefined, groups: number) => {
    const fixed = Array.from({ length: nodes }, (_, node) => owned(node));
    const free = fixed.flatMap((group, node) => (group === undefined ? [node] : []));
    let fewest = Number.POSITIVE_INFINITY;
    for (let division = 0; division < groups ** free.length; division++) {
      const groupOf = [...fixed];
      let rest = division;
      for (const node of free) {
        groupOf[node] = rest % groups;
        rest = Math.floor(rest / groups);
      }
      fewest = Math.min(fewest, edges.filter(([a, b]) => groupOf[a] !== groupOf[b]).length);
    }
    return fewest;
  };
  const pairCuts = terminals.map((_, a) =>
    terminals.map((_, b) =>
      a === b
        ? null
        : fewestOf((node) => {
            const own = owner.get(node);
            return own === a ? 0 : own === b ? 1 : undefined;
          }, 2),
    ),
  );
  return { pairCuts, fewest: terminals.length === 1 ? 0 : fewestOf((node) => owner.get(node), terminals.length) };
}

/** The largest number of ways without a common edge, found one after the other by a search in breadth (Edmonds and Karp). */
function plainMaxFlow(nodes: number, edges: readonly [number, number][], sources: number[], sinks: number[]): number {
  const left = Array.from({ length: nodes }, () => new Map<number, number>());
  for (const [a, b] of edges) {
    left[a].set(b, 1);
    left[b].set(a, 1);
  }
  for (let flow = 0; ; flow++) {
    const before = new Map<number, number>(sources.map((node) => [node, -1]));
    const queue = [...sources];
    for (const node of queue) {
      for (const [other, units] of left[node]) {
        if (units === 0 || before.has(other)) continue;
        before.set(other, node);
        queue.push(other);
      }
    }
    const end = sinks.find((node) => before.has(node));
    if (end === undefined) return flow;
    for (let node = end; before.get(node) !== -1; ) {
      const from = before.get(node) as number;
      left[from].set(node, (left[from].get(node) ?? 0) - 1);
      left[node].set(from, (left[node].get(from) ?? 0) + 1);
      node = from;
    }
  }
}
