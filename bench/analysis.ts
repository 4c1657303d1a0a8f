import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyze } from "../src/analysis/analyze.ts";
import type { Shape } from "../src/base/shape.ts";
import type { Task } from "../src/base/task.ts";
import { spreadOf } from "../src/benchmark/statistics.ts";
import { packageRoot } from "../src/device/environment/node.ts";
import { Mask } from "../src/mask/mask.ts";
import { pathMask } from "../src/mask/path_mask.ts";
import { Parameters } from "../src/network/parameters.ts";
import { readTicket, writeTicket } from "../src/store/ticket_file.ts";

/** Moons-Circles at extension level 25, the widest shape of the thesis' experiments. */
const shape: Shape = [4, 1310, 1310, 2];

const tasks: readonly Task[] = [
  { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
  { name: "moons", kind: "binary", inputs: { start: 2, count: 2 }, outputs: { start: 1, count: 1 } },
];

/** Upper bound of the time of one analysis; far below the training time of a level of this size. */
const boundMs = 30;

const repeats = 21;

/** 22 M weights, and the upper bound of the time of `split-ticket analyze` on them, from its start to its end. */
const large: Shape = [2345, 2345, 2345, 2345, 2345];
const commandBoundMs = 2000;
const commandRepeats = 7;

/**
 * Times `split-ticket analyze` on a ticket of 22 M weights with a mask in U8 and weights in F32, 5 % of them kept: the process from
 * start to end, as text and as JSON, and the parts of its work in this process.
 */
function benchCommand(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "split-ticket-bench-"));
  try {
    const path = join(folder, "large.safetensors");
    const mask = pathMask(large, 1_100_000);
    const parameters = new Parameters(large);
    for (let layer = 0; layer < large.length - 1; layer++) {
      const weight = (_: number, i: number) =>
        mask.has(layer, Math.floor(i / large[layer]), i % large[layer]) ? 0.5 : 0;
      parameters.setWeights(layer, new Float32Array(large[layer] * large[layer + 1]).map(weight));
    }
    const bytes = writeTicket({ mask, parameters, metadata: {} });
    writeFileSync(path, bytes);
    const columns = (start: number, count: number) => ({ start, count });
    const halves = [
      { name: "a", kind: "multiclass", inputs: columns(0, 1000), outputs: columns(0, 1000) },
      { name: "b", kind: "multiclass", inputs: columns(1000, 1345), outputs: columns(1000, 1345) },
    ];
    const started = (...args: string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [join(packageRoot(), "dist/cli.mjs"), ...args], {
        stdio: ["ignore", "ignore", "pipe"],
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`split-ticket ${args.join(" ")}: ${stderr}`);
    };
    const given = ["analyze", path, "--tasks", "a:1000:1000,b:1345:1345"];
    const parts: [name: string, boundMs: number | undefined, work: () => void][] = [
      ["split-ticket analyze", commandBoundMs, () => started(...given)],
      ["split-ticket analyze --json", undefined, () => started(...given, "--json")],
      ["split-ticket --version", undefined, () => started("--version")],
      ["read the mask", undefined, () => readTicket(bytes, path, { maskAlone: true })],
      ["read mask and weights", undefined, () => readTicket(bytes, path)],
      ["analyse", undefined, () => analyze(mask, halves, "total")],
    ];
    const lines = [
      `ticket of (${large.join(",")}), ${mask.size} weights, ${bytes.length} bytes, ${commandRepeats} repeats`,
    ];
    for (const [name, bound, work] of parts) {
      const { median, lowest } = spreadOf(Array.from({ length: commandRepeats }, () => elapsedMs(work)));
      const verdict = bound === undefined ? "" : `  ${median < bound ? "within" : "OVER"} bound of ${bound} ms`;
      lines.push(
        `  ${name.padEnd(28)} min ${lowest.toFixed(0).padStart(5)} ms  median ${median.toFixed(0).padStart(5)} ms${verdict}`,
      );
    }
    return lines;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

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
 * Times the analysis on masks of (4,1310,1310,2) (the first call, cold, then minimum and median for each mask), then the command on a large ticket.
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
  return [...lines, ...benchCommand()];
}
