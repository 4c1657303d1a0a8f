import { analyze } from "../src/analysis/analyze.ts";
import type { Shape } from "../src/base/shape.ts";
import type { Task } from "../src/base/task.ts";
import { spreadOf } from "../src/benchmark/statistics.ts";
import { Mask } from "../src/mask/mask.ts";

/** Moons-Circles at extension level 25, the widest shape of the thesis' experiments. */
const shape: Shape = [4, 1310, 1310, 2];

const tasks: readonly Task[] = [
  { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
  { name: "moons", kind: "binary", inputs: { start: 2, count: 2 }, outputs: { start: 1, count: 1 } },
];

/** Upper bound of the time of one analysis; far below the training time of a level of this size. */
const boundMs = 30;

const repeats = 21;

/** Keeps the weights for which `isKept` is true; `number` is the index of a weight in the dense network. */
function maskWhere(isKept: (layer: number, output: number, input: number, number: number) => boolean): Mask {
  const mask = Mask.full(shape);
  let number = 0;
  for (let layer = 0; layer < shape.length - 1; layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      for (let input = 0; input < shape[layer]; input++) {
        if (!isKept(layer, output, input, number++)) mask.set(layer, output, input, false);
      }
    }
  }
  return mask;
}

/** True for about 1 % of the numbers, without a pattern along rows (multiplicative hashing by the golden ratio). */
function isOneInHundred(number: number): boolean {
  const mixed = Math.imul(number ^ (number >>> 7), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) >>> 0 < 2 ** 32 / 100;
}

function elapsedMs(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/**
 * Times `analyze` on masks of (4,1310,1310,2): the first call (cold), then minimum and median for each mask.
 * `two halves` is two separate dense networks, the slowest case for finding components.
 * @returns lines to print
 */
export async function benchAnalysis(): Promise<string[]> {
  const masks: [name: string, mask: Mask][] = [
    ["1 % density", maskWhere((_layer, _output, _input, number) => isOneInHundred(number))],
    ["dense", Mask.full(shape)],
    ["two halves", maskWhere((layer, output, input) => 2 * output < shape[layer + 1] === 2 * input < shape[layer])],
  ];
  const lines = [`analysis of (${shape.join(",")}), bound ${boundMs} ms, ${repeats} repeats`];
  for (const [name, mask] of masks) {
    const firstMs = elapsedMs(() => analyze(mask, tasks, "total"));
    const times = Array.from({ length: repeats }, () => elapsedMs(() => analyze(mask, tasks, "total")));
    const { median, lowest } = spreadOf(times);
    lines.push(
      `  ${name.padEnd(12)} ${String(mask.count()).padStart(8)} weights  first ${firstMs.toFixed(1)} ms  min ${lowest.toFixed(2)} ms  median ${median.toFixed(2)} ms  ${median < boundMs ? "within" : "OVER"} bound`,
    );
  }
  return lines;
}
