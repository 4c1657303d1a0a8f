import type { ActiveGraph } from "./active_graph.ts";

/**
 * The fewest edges whose removal leaves no path between two sets of nodes (minimum cut, by the maximum flow of as many
 * paths without a common edge: L. R. Ford and D. R. Fulkerson, 1956), by Dinic's algorithm (1970), in integers.
 * An undirected edge can carry one unit, in either direction.
 * @param sources, sinks no node is in both
 */
export function minimumCut(graph: ActiveGraph, sources: readonly number[], sinks: readonly number[]): number {
  if (sources.length === 0 || sinks.length === 0) return 0;
  const { nodes, start, neighbours } = graph;
  const reverse = reverseEntries(graph);
  // Capacity left from the row's node: 1 at first, 0 or 2 where the edge carries a unit away or towards.
  const left = new Uint8Array(neighbours.length).fill(1);
  const isSink = new Uint8Array(nodes);
  for (const node of sinks) isSink[node] = 1;
  const distance = new Int32Array(nodes);
  const next = new Uint32Array(nodes);
  const queue = new Uint32Array(nodes);

  /** Distances from the sources along edges with capacity left; whether a sink is reached. */
  const search = (): boolean => {
    distance.fill(-1);
    let end = 0;
    for (const node of sources) {
      distance[node] = 0;
      queue[end++] = node;
    }
    let reached = false;
    for (let first = 0; first < end; first++) {
      const node = queue[first];
      for (let i = start[node]; i < start[node + 1]; i++) {
        const other = neighbours[i];
        if (left[i] === 0 || distance[other] !== -1) continue;
        distance[other] = distance[node] + 1;
        if (isSink[other] === 1) reached = true;
        queue[end++] = other;
      }
    }
    return reached;
  };

  /** Sends units along shortest paths until no path of these is left; how many. */
  const block = (): number => {
    let units = 0;
    next.set(start.subarray(0, nodes));
    const path: number[] = [];
    for (const source of sources) {
      let node = source;
      for (;;) {
        if (isSink[node] === 1) {
          for (const entry of path) {
            left[entry]--;
            left[reverse[entry]]++;
          }
          units++;
          path.length = 0;
          node = source;
          continue;
        }
        let entry = next[node];
        const end = start[node + 1];
        while (entry < end && (left[entry] === 0 || distance[neighbours[entry]] !== distance[node] + 1)) entry++;
        next[node] = entry;
        if (entry < end) {
          path.push(entry);
          node = neighbours[entry];
        } else {
          // No way on from here: the edge that led here is passed over.
          const back = path.pop();
          if (back === undefined) break;
          node = neighbours[reverse[back]];
          next[node]++;
        }
      }
    }
    return units;
  };

  let flow = 0;
  while (search()) flow += block();
  return flow;
}

/** For each entry of the rows, the entry of the same edge in the row of its other end. */
function reverseEntries({ nodes, start, neighbours }: ActiveGraph): Uint32Array {
  const reverse = new Uint32Array(neighbours.length);
  const next = start.slice(0, nodes);
  // Rows are ascending: the entries of a row that name earlier nodes come in the order in which those are visited.
  for (let node = 0; node < nodes; node++) {
    for (let i = start[node]; i < start[node + 1]; i++) {
      const other = neighbours[i];
      if (other < node) continue;
      const entry = next[other]++;
      reverse[i] = entry;
      reverse[entry] = i;
    }
  }
  return reverse;
}
