import { spawnSync } from "node:child_process";
import { adapterEnvironment, runWithEnvironment } from "../src/device/environment/node.ts";
import { openNodeDevice } from "../src/device/node.ts";
import { benchAnalysis } from "./analysis.ts";
import { benchBrowser } from "./browser/browser.ts";
import { benchCompaction, benchCpuEngine } from "./cpu_engine.ts";
import { benchCriteria } from "./criteria.ts";
import { benchCrossover, benchCrossoverLarge } from "./crossover.ts";
import { benchCsv, readCsvFile } from "./csv.ts";
import { benchDamage } from "./damage/damage.ts";
import { benchDenseForward } from "./dense_forward.ts";
import { benchDurability } from "./durability.ts";
import { benchFloat64 } from "./float64/float64.ts";
import { benchForecast, forecastHere } from "./forecast.ts";
import { benchHiddenTasks } from "./hidden_tasks.ts";
import { benchHost } from "./host.ts";
import { benchLevels } from "./levels.ts";
import { benchMemory } from "./memory.ts";
import { benchNulls } from "./nulls.ts";
import { benchPeers } from "./peers/peers.ts";
import { benchPlantedGraphs } from "./planted_graphs.ts";
import { benchPopulation } from "./population.ts";
import { benchResidentSteps } from "./resident_steps.ts";
import { benchRuns, wholeRuns } from "./runs.ts";
import { benchSelection } from "./selection.ts";
import { benchTiledSteps } from "./tiled_steps.ts";

/**
 * `npm run bench [-- name ..]`: prints the figures of the named benchmarks, or of all except those that run only when
 * named: these take minutes, `peers` installs other programs, and `browser` needs one. NOTES.md records the results.
 */
async function onDevice(bench: (device: Awaited<ReturnType<typeof openNodeDevice>>) => Promise<string[]>) {
  const device = await openNodeDevice();
  try {
    return await bench(device);
  } finally {
    device.destroy();
  }
}

/** Runs a benchmark in a child process, so that peak memory is measured for it alone. */
function inChild(name: string, ...more: string[]): string[] {
  const child = spawnSync(process.execPath, [...process.argv.slice(1, 2), "--here", name, ...more], {
    encoding: "utf8",
  });
  if (child.status !== 0) throw new Error(`benchmark ${name} failed: ${child.stderr.trim()}`);
  return child.stdout.trim().split("\n");
}

/** The benchmarks that are measured in a child process. */
const children: Readonly<Record<string, (argument: string) => Promise<string[]>>> = {
  memory: benchMemory,
  csv: readCsvFile,
  forecast: forecastHere,
};

const benches: Readonly<Record<string, () => Promise<string[]>>> = {
  analysis: benchAnalysis,
  host: benchHost,
  criteria: benchCriteria,
  nulls: benchNulls,
  "hidden-tasks": benchHiddenTasks,
  "planted-graphs": benchPlantedGraphs,
  selection: () => onDevice(benchSelection),
  "dense-forward": () => onDevice(benchDenseForward),
  memory: async () => [...inChild("memory"), ...benchForecast((argument) => inChild("forecast", argument))],
  csv: () => benchCsv((path) => inChild("csv", path)),
  crossover: () => onDevice(benchCrossover),
  "crossover-large": () => onDevice(benchCrossoverLarge),
  levels: () => onDevice(benchLevels),
  "resident-steps": benchResidentSteps,
  "tiled-steps-gpu": benchTiledSteps,
  "cpu-engine": benchCpuEngine,
  compaction: benchCompaction,
  population: () => benchPopulation("cpu"),
  durability: benchDurability,
  "population-software": () => benchPopulation("software"),
  float64: benchFloat64,
  damage: benchDamage,
  peers: benchPeers,
  browser: benchBrowser,
  ...Object.fromEntries(Object.entries(wholeRuns).map(([name, runs]) => [name, () => benchRuns(runs)])),
};

/** Benchmarks that run only when named. */
const asked = [
  "crossover-large",
  "levels",
  "resident-steps",
  "damage",
  "demo-software",
  "durability",
  "population-software",
  "float64",
  "peers",
  "browser",
];

/** Whether a benchmark runs without being named; benchmarks for a GPU run if there is one. */
const runsUnnamed = (name: string, kind: string) => !asked.includes(name) && (kind === "gpu" || !name.endsWith("-gpu"));

const names = process.argv.slice(2);
if (names[0] === "--here") {
  for (const line of await children[names[1]](names[2])) console.log(line);
} else {
  const environment = await adapterEnvironment("auto");
  const exitCode = await runWithEnvironment(environment);
  if (exitCode !== undefined) process.exit(exitCode);
  console.log(`adapter ${environment.source}`);
  const unknown = names.find((name) => !benches[name]);
  if (unknown) {
    console.error(`bench: no benchmark ${unknown}; choose ${Object.keys(benches).join(", ")}`);
    process.exitCode = 2;
  } else {
    for (const name of names.length > 0
      ? names
      : Object.keys(benches).filter((each) => runsUnnamed(each, environment.kind))) {
      for (const line of await benches[name]()) console.log(line);
    }
  }
}
