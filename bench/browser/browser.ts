import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { threeDigits } from "../../src/base/format.ts";
import { benchmark } from "../../src/benchmark/benchmark.ts";
import type { BenchmarkResult } from "../../src/benchmark/result.ts";
import { serveLab } from "../../src/cli/lab/server.ts";
import { type AdapterKind, adapterName } from "../../src/device/adapter_kind.ts";
import { packageRoot } from "../../src/device/environment/node.ts";
import { openNodeDevice } from "../../src/device/node.ts";
import { nodePlatform } from "../../src/run/node.ts";
import { runExperiments } from "../../src/run/run.ts";
import { readArchive } from "../../src/store/archive.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { compareRuns, describeComparison } from "./compare.ts";
import { type DevTools, Tab } from "./devtools.ts";
import { benchmarkInPage, limitsInPage, runInPage, saveRunsInPage } from "./in_page.ts";
import { openBrowser } from "./open.ts";

/** What is compared; small on a software adapter, where it shows only that everything works. */
interface BrowserWork {
  /** Cases of the quick benchmark. */
  readonly cases: readonly string[];
  readonly seeds: number;
  /** Spec keys that replace those of the preset moons-circles. */
  readonly set: Readonly<Record<string, number | boolean>>;
}

const works: Readonly<Record<AdapterKind, BrowserWork>> = {
  gpu: { cases: ["4,57,57,2"], seeds: 16, set: { extension: 9, keepTrained: true } },
  software: { cases: ["4,8,8,2"], seeds: 2, set: { extension: 2, maxEpochs: 20, keepTrained: true } },
};

/** The engine of the runs, named because a measured choice could differ between browser and Node. */
const engine = "resident";

/**
 * What the browser costs on the adapter of Node: the quick benchmark of the page's tab beside the same in Node, then
 * runs in the page beside the same runs in Node, their times, and whether all bytes are the same.
 * @throws Error when the browser has no adapter of Node's kind
 */
export async function benchBrowser(): Promise<string[]> {
  const device = await openNodeDevice();
  const { kind, name } = device;
  const { cases, seeds, set } = works[kind];
  const page = await serveLab(0, join(packageRoot(), "dist", "page"), console.error);
  const address = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`;
  let devTools: DevTools | undefined;
  try {
    const found = await openBrowser(kind, address);
    devTools = found.devTools;
    const { product } = await devTools.send("Browser.getVersion");
    const lines = [
      `browser: ${product}, ${adapterName(found.facts)} (${kind}), by ${found.flags.join(" ")}`,
      `Node: ${process.version}, ${name} (${kind})`,
      differentLimits(await (await Tab.open(devTools, address)).evaluate(limitsInPage), device.owners[1].limits),
    ];

    const inBrowser: BenchmarkResult[] = [];
    const inNode: BenchmarkResult[] = [];
    const cpu = nodePlatform();
    for (const one of cases) {
      inBrowser.push(JSON.parse(await (await Tab.open(devTools, address)).evaluate(benchmarkInPage, one)));
      const options = { cases: [one], engines: ["resident", "tiled", "cpu"], quick: true } as const;
      inNode.push(await benchmark({ device, cpu }, options));
    }
    lines.push(...benchmarkLines(inBrowser, inNode));

    const spec = Object.entries({ seeds: `0..${seeds - 1}`, ...set }).map(([key, value]) => `${key}=${value}`);
    const tab = await Tab.open(
      devTools,
      `${address}#preset=moons-circles&${spec.join("&")}&device=${kind}&engine=${engine}`,
    );
    const run = await tab.evaluate(runInPage);
    const files = readArchive(Buffer.from(await tab.evaluate(saveRunsInPage), "base64"), "the page's runs");
    const own = new MemoryFiles();
    const startedAt = performance.now();
    await runExperiments({ ...nodePlatform(), files: own }, "moons-circles", {
      set: { seeds: Array.from({ length: seeds }, (_, seed) => seed), ...set },
      device: kind,
      engine,
      out: "runs",
    });
    const nodeMs = performance.now() - startedAt;
    const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
    lines.push(
      `moons-circles ${spec.join(" ")}: ${seconds(run.ms)} in the browser, ${seconds(nodeMs)} in Node, ${(run.ms / nodeMs).toFixed(2)} times (${run.status})`,
      ...compareRuns(files, own).map(describeComparison),
    );
    return lines;
  } finally {
    await devTools?.close();
    page.closeAllConnections();
    page.close();
    await once(page, "close");
    device.destroy();
  }
}

/** The limits that the browser lowers: kernels may be planned differently there. */
function differentLimits(inBrowser: Readonly<Record<string, number>>, inNode: GPUSupportedLimits): string {
  const different = Object.entries(inBrowser).flatMap(([name, limit]) => {
    const own = (inNode as unknown as Readonly<Record<string, number>>)[name];
    return limit === own || !/compute|storage|buffersize/i.test(name) ? [] : [`${name} ${limit}, not ${own}`];
  });
  return `limits in the browser: ${different.join("; ") || "those of Node"}`;
}

/** The time of a step in the browser and in Node, for each engine, shape and population. */
function benchmarkLines(inBrowser: readonly BenchmarkResult[], inNode: readonly BenchmarkResult[]): string[] {
  const rows = inNode.flatMap(({ throughput }) => throughput);
  const label = ({ engine, shape, weights, population }: (typeof rows)[number]) =>
    `${engine} (${shape.join(",")}), ${weights} weights, population ${population}`;
  const theirs = new Map(inBrowser.flatMap(({ throughput }) => throughput.map((row) => [label(row), row] as const)));
  const width = Math.max(...rows.map((row) => label(row).length));
  return [
    `${"us a network-step, quick trials".padEnd(width)}  ${["browser", "Node", "times"].map((head) => head.padStart(9)).join("")}`,
    ...rows.map((row) => {
      const browserUs = theirs.get(label(row))?.networkStepUs;
      const cells = [browserUs, row.networkStepUs, browserUs && browserUs / row.networkStepUs];
      return `${label(row).padEnd(width)}  ${cells.map((cell) => (cell === undefined ? "-" : threeDigits(cell)).padStart(9)).join("")}`;
    }),
  ];
}
