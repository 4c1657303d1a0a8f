import Graph from "graphology";
import louvain from "graphology-communities-louvain";
import { describe, expect, it } from "vitest";
import type { ActiveGraph } from "../../../src/analysis/graph/active_graph.ts";
import { bestCommunities } from "../../../src/analysis/graph/communities.ts";
import { kMeans } from "../../../src/analysis/graph/k_means.ts";
import { largestEigenvectors } from "../../../src/analysis/graph/lanczos.ts";
import { modularityOf } from "../../../src/analysis/graph/modularity.ts";
import { nCutNull } from "../../../src/analysis/graph/n_cut_null.ts";
import { nCutOf, spectralCut } from "../../../src/analysis/graph/normalized_cut.ts";
import { shuffledEdges } from "../../../src/analysis/graph/shuffled_edges.ts";
import { tridiagonalEigen } from "../../../src/analysis/graph/symmetric_tridiagonal.ts";
import { RandomStream } from "../../../src/base/random.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { ticket } from "../drawn.ts";
import { edgeList, graphOf, partitions, randomMask, smallMasks } from "../graph_cases.ts";

/** Modularity of a partition from its definition by pairs of nodes: the mean of A - k k' / 2m over pairs of one group. */
function pairwiseModularity({ nodes, edges }: ActiveGraph, list: [number, number][], groupOf: ArrayLike<number>) {
  const joined = new Set(list.flatMap(([a, b]) => [`${a}-${b}`, `${b}-${a}`]));
  const degree = (node: number) => list.filter((edge) => edge.includes(node)).length;
  let sum = 0;
  for (let a = 0; a < nodes; a++) {
    for (let b = 0; b < nodes; b++) {
      if (groupOf[a] !== groupOf[b]) continue;
      sum += (joined.has(`${a}-${b}`) ? 1 : 0) - (degree(a) * degree(b)) / (2 * edges);
    }
  }
  return sum / (2 * edges);
}

/** N-cut of a partition from its definition, by lists of edges. */
function listedNCut(list: [number, number][], groupOf: ArrayLike<number>, groups: number): number {
  let sum = 0;
  for (let group = 0; group < groups; group++) {
    const ends = list.flat().filter((node) => groupOf[node] === group).length;
    const leaving = list.filter(([a, b]) => (groupOf[a] === group) !== (groupOf[b] === group)).length;
    if (ends > 0) sum += leaving / ends;
  }
  return sum;
}

/** Groups by the eigenvectors of D^-1 A from Jacobi rotations of the whole matrix D^-1/2 A D^-1/2, then k-means. */
function denseClusters(nodes: number, list: [number, number][], groups: number): Uint32Array {
  const degree = Float64Array.from({ length: nodes }, (_, node) => list.filter((edge) => edge.includes(node)).length);
  const matrix = Array.from({ length: nodes }, () => new Float64Array(nodes));
  for (const [a, b] of list) {
    matrix[a][b] = 1 / Math.sqrt(degree[a] * degree[b]);
    matrix[b][a] = matrix[a][b];
  }
  const vectors = Array.from({ length: nodes }, (_, i) =>
    Float64Array.from({ length: nodes }, (_, j) => (i === j ? 1 : 0)),
  );
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < nodes; p++) {
      for (let q = p + 1; q < nodes; q++) {
        if (Math.abs(matrix[p][q]) < 1e-15) continue;
        const angle = 0.5 * Math.atan2(2 * matrix[p][q], matrix[q][q] - matrix[p][p]);
        const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
        for (const rows of [matrix, vectors]) {
          for (const row of rows) {
            const [x, y] = [row[p], row[q]];
            row[p] = cosine * x - sine * y;
            row[q] = sine * x + cosine * y;
          }
        }
        for (let k = 0; k < nodes; k++) {
          const [x, y] = [matrix[p][k], matrix[q][k]];
          matrix[p][k] = cosine * x - sine * y;
          matrix[q][k] = sine * x + cosine * y;
        }
      }
    }
  }
  const order = [...degree.keys()].sort((a, b) => matrix[b][b] - matrix[a][a]).slice(0, groups);
  const points = Float64Array.from({ length: nodes * groups }, (_, i) => {
    const node = Math.floor(i / groups);
    return vectors[node][order[i % groups]] / Math.sqrt(degree[node]);
  });
  return kMeans(points, groups, groups);
}

const graphs = smallMasks.map(({ name, mask }) => ({ name, graph: graphOf(mask) }));

describe.each(graphs.filter(({ graph }) => graph.edges > 0))("of $name", ({ graph }) => {
  const list = edgeList(graph);

  it("modularity and n-cut are those of their definitions", () => {
    const random = new RandomStream(3, "randomPruning");
    const groupOf = Array.from({ length: graph.nodes }, () => Math.floor(random.nextUniform() * 3));
    expect(modularityOf(graph, groupOf)).toBeCloseTo(pairwiseModularity(graph, list, groupOf), 12);
    expect(nCutOf(graph, groupOf, 3)).toBeCloseTo(listedNCut(list, groupOf, 3), 12);
  });

  it("the communities found have the highest modularity of all partitions, or nearly", () => {
    const found = bestCommunities(graph);
    if (!found) throw new Error("a graph with edges has communities");
    expect(found.modularity).toBe(modularityOf(graph, found.groupOf));
    if (graph.nodes > 9) return;
    let highest = Number.NEGATIVE_INFINITY;
    for (const groupOf of partitions(graph.nodes)) highest = Math.max(highest, modularityOf(graph, groupOf) ?? 0);
    expect(found.modularity).toBeLessThanOrEqual(highest + 1e-12);
    expect(found.modularity).toBeGreaterThan(highest - 0.05);
  });

  it("the n-cut found is that of its partition, and near the smallest of all", () => {
    for (const groups of [2, 3]) {
      if (graph.nodes < groups) continue;
      const found = spectralCut(graph, groups);
      if (!found) throw new Error("a graph of enough nodes has an n-cut");
      expect(found.nCut).toBeCloseTo(listedNCut(list, found.groupOf, groups), 12);
      expect(new Set(found.groupOf).size).toBe(groups);
      if (graph.nodes > 12 || groups > 2) continue;
      let smallest = Number.POSITIVE_INFINITY;
      for (const groupOf of partitions(graph.nodes, 2)) {
        if (groupOf.includes(1)) smallest = Math.min(smallest, listedNCut(list, groupOf, 2));
      }
      expect(found.nCut).toBeGreaterThanOrEqual(smallest - 1e-12);
      expect(found.nCut).toBeLessThanOrEqual(1.5 * smallest + 1e-12);
    }
  });
});

it("the communities are the best of four searches of the library", () => {
  for (const seed of [0, 1, 2, 3, 4, 5]) {
    const graph = graphOf(randomMask([8, 20, 20, 4], 0.15, seed));
    const given = new Graph({ type: "undirected" });
    for (let node = 0; node < graph.nodes; node++) given.addNode(node);
    for (const [a, b] of edgeList(graph)) given.addEdge(a, b);
    const found = [0, 1, 2, 3].map((search) => {
      const random = new RandomStream(search, "communities");
      return louvain.detailed(given, { rng: () => random.nextUniform() }).modularity;
    });
    expect(bestCommunities(graph)?.modularity).toBeCloseTo(Math.max(...found), 12);
  }
});

describe("the spectral clustering", () => {
  it("is that of a dense solution", () => {
    for (const seed of [0, 1, 2]) {
      const graph = graphOf(randomMask([6, 14, 14, 3], 0.2, seed));
      const dense = denseClusters(graph.nodes, edgeList(graph), 3);
      expect(spectralCut(graph, 3)?.nCut).toBeCloseTo(nCutOf(graph, dense, 3), 12);
    }
  });

  it("takes the components where there are as many as groups", () => {
    const four = graphOf(ticket([4, 4], ["0-0 1-1 2-2 3-3"]));
    expect(spectralCut(four, 2)).toEqual({ groupOf: Uint32Array.from([0, 1, 1, 1, 0, 1, 1, 1]), nCut: 0 });
  });
});

it("a graph without edges has neither", () => {
  const graph = graphOf(ticket([2, 2], [""]));
  expect([modularityOf(graph, []), bestCommunities(graph), spectralCut(graph, 2)]).toEqual([null, null, null]);
});

describe("eigenvectors", () => {
  /** Symmetric, of order 12, with eigenvalues 1 three times. */
  const order = 12;
  const random = new RandomStream(1, "randomPruning");
  const basis = (() => {
    const vectors: Float64Array[] = [];
    while (vectors.length < order) {
      const vector = Float64Array.from({ length: order }, () => random.nextNormal());
      for (const each of [...vectors, ...vectors]) {
        const share = vector.reduce((sum, value, i) => sum + value * each[i], 0);
        vector.forEach((_, i) => {
          vector[i] -= share * each[i];
        });
      }
      const length = Math.hypot(...vector);
      vectors.push(vector.map((value) => value / length));
    }
    return vectors;
  })();
  const eigenvalues = [1, 1, 1, 0.98, 0.5, 0.2, 0, -0.1, -0.5, -0.98, -1, -1];
  const product = (vector: Float64Array, into: Float64Array) => {
    into.fill(0);
    basis.forEach((each, k) => {
      const share = eigenvalues[k] * vector.reduce((sum, value, i) => sum + value * each[i], 0);
      into.forEach((_, i) => {
        into[i] += share * each[i];
      });
    });
  };

  it("are those of the largest eigenvalues, multiple ones as often as they occur", () => {
    const found = largestEigenvectors(order, product, [basis[0]], 5);
    const quotients = found.map((vector) => {
      const image = new Float64Array(order);
      product(vector, image);
      return vector.reduce((sum, value, i) => sum + value * image[i], 0);
    });
    [1, 1, 1, 0.98, 0.5].forEach((value, k) => {
      expect(quotients[k]).toBeCloseTo(value, 10);
    });
    expect(largestEigenvectors(order, product, [], 20)).toHaveLength(order);
  });

  it("of a tridiagonal matrix solve its equations", () => {
    for (const [diagonal, beside] of [
      [
        [2, 2, 2, 2, 2],
        [-1, -1, -1, -1],
      ],
      [
        [1, -3, 0, 5],
        [0, 2, 0],
      ],
      [[4], []],
    ]) {
      const n = diagonal.length;
      const { values, vectors } = tridiagonalEigen(diagonal, beside);
      for (let k = 0; k < n; k++) {
        for (let i = 0; i < n; i++) {
          const at = (j: number) => (j < 0 || j >= n ? 0 : vectors[j * n + k]);
          const image = (beside[i - 1] ?? 0) * at(i - 1) + diagonal[i] * at(i) + (beside[i] ?? 0) * at(i + 1);
          expect(image).toBeCloseTo(values[k] * at(i), 12);
        }
      }
    }
    // The path of n nodes: 2 - 2 cos(k pi / (n + 1)).
    const { values } = tridiagonalEigen([2, 2, 2, 2, 2], [-1, -1, -1, -1]);
    [...values]
      .sort((a, b) => a - b)
      .forEach((value, k) => {
        expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / 6), 12);
      });
  });
});

it("k-means finds groups that are far apart", () => {
  const points = Float64Array.from([0, 0, 5, 5, 0.1, 0, 9, 0, 5, 5.1, 9, 0.2]);
  const [a, b, c, d, e, f] = kMeans(points, 2, 3);
  expect([a === c, b === e, d === f, new Set([a, b, d]).size]).toEqual([true, true, true, 3]);
});

describe("shuffled edges", () => {
  it("keep the number of edges of every layer, and are all equally likely", () => {
    const graph = graphOf(ticket([2, 2, 1], ["0-0 1-1", "0-0 1-0"]));
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 1200; seed++) {
      const shuffled = shuffledEdges(graph, new RandomStream(seed, "randomPruning"));
      const name = (node: number) => `${shuffled.layerOf[node]}${shuffled.indexOf[node]}`;
      const drawn = edgeList(shuffled).map(([x, y]) => `${name(x)}-${name(y)}`);
      expect([drawn.filter((edge) => edge.startsWith("0")).length, drawn.length]).toEqual([2, 4]);
      const key = drawn
        .filter((edge) => edge.startsWith("0"))
        .sort()
        .join(" ");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Six sets of two of four pairs: 200 times each, with a deviation of 13.
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(65);
  });

  it("divide worse than two blocks, and no better than themselves", () => {
    // Two full blocks that one edge joins.
    const block = (from: number) => [0, 1, 2, 3].flatMap((i) => [0, 1, 2, 3].map((o) => `${from + i}-${from + o}`));
    const graph = graphOf(ticket([8, 8], [[...block(0), ...block(4), "0-7"].join(" ")]));
    const cut = spectralCut(graph, 2);
    if (!cut) throw new Error("two blocks have an n-cut");
    expect(cut.nCut).toBeCloseTo(1 / 33 + 1 / 33, 12);
    expect(nCutNull(graph, cut, 2, 99)).toEqual({ shuffles: 99, atMost: 0, p: 0.01 });
    const random = graphOf(randomMask([8, 8], 0.5, 4));
    const other = spectralCut(random, 2);
    expect(other && nCutNull(random, other, 2, 99)?.p).toBeGreaterThan(0.05);
    // All pairs are joined: there is nothing to shuffle.
    const full = graphOf(Mask.full([3, 3]));
    expect(nCutNull(full, { nCut: 1, groupOf: new Uint32Array(6) }, 2, 9)).toBeNull();
  });
});
