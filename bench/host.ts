import { graphWeights, residentGraph } from "../src/engine/resident/graph.ts";
import { Mask } from "../src/mask/mask.ts";
import { extendedShape } from "../src/network/extension.ts";
import { initialParameters } from "../src/network/initial.ts";
import { maskedParameters } from "../src/pruning/masked.ts";
import { selectMask } from "../src/pruning/selector.ts";

/** Processor time per call in ms, outside the kernel: the lowest of several trials of 100 ms or longer. */
function userMs(work: () => unknown): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 5; trial++) {
    const [before, startedAt] = [process.cpuUsage(), performance.now()];
    let calls = 0;
    while (performance.now() - startedAt < 100) {
      work();
      calls++;
    }
    lowest = Math.min(lowest, process.cpuUsage(before).user / 1000 / calls);
  }
  return lowest;
}

/**
 * What the host does between the levels of the thesis' first chapter: initial weights, start weights of a level, graph of
 * a resident level, selection of the next mask. At the largest network, at two masks of it, and at a late level.
 */
export async function benchHost(): Promise<string[]> {
  const base = [4, 8, 8, 2];
  const cases = [
    { extension: 25, kept: 1_723_960 },
    { extension: 25, kept: 30_000 },
    { extension: 15, kept: 30_000 },
    { extension: 9, kept: 112 },
  ];
  return cases.flatMap(({ extension, kept }) => {
    const shape = extendedShape(base, 0.32, extension);
    const start = initialParameters(shape, 0);
    const full = Mask.full(shape);
    const selected = (mask: Mask, keep: number) =>
      selectMask({ trained: start, start, mask, seed: 0, nextLevel: 1 }, { criterion: "magnitude", keep });
    const mask = selected(full, Math.min(kept, full.size));
    const graph = residentGraph(shape, mask);
    const figures = {
      ...(mask.count() === full.size && { "initial weights": () => initialParameters(shape, 0) }),
      "start weights": () => maskedParameters(start, mask),
      ...(mask.count() < full.size && {
        graph: () => residentGraph(shape, mask),
        "weights of the graph": () => graphWeights(graph, start.values),
      }),
      selection: () => selected(mask, Math.round(0.68 * mask.count())),
    };
    const texts = Object.entries(figures).map(([name, work]) => `${name} ${userMs(work).toFixed(3)}`);
    return `host (${shape}), ${mask.count()} weights kept, ms of processor time: ${texts.join(", ")}`;
  });
}
