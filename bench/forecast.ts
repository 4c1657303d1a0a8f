import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processMemory } from "../src/base/memory/node.ts";
import { planRun, run } from "../src/node.ts";
import { writeRows } from "./csv.ts";

/** A run whose peak memory is forecast and measured. */
interface Case {
  readonly experiment: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly device: "cpu" | "software";
}

/** Rows of the CSV file, of about 70 bytes each. */
const rows = 3_000_000;
const own = "a CSV file";

const cases: Readonly<Record<string, Case>> = {
  "small population": {
    experiment: "moons-circles",
    set: { extension: 3, maxEpochs: 20, seeds: [0, 1, 2, 3] },
    device: "cpu",
  },
  "large network": {
    experiment: "moons-circles",
    set: { shape: [4, 1500, 1500, 2], levels: 2, rate: 0.5, maxEpochs: 1, seeds: [0, 1] },
    device: "cpu",
  },
  "image set": {
    experiment: "mnist-fashion",
    set: { shape: [1568, 16, 20], levels: 2, rate: 0.5, maxEpochs: 1, seeds: [0, 1] },
    device: "cpu",
  },
  [own]: {
    experiment: "",
    set: { shape: [6, 8, 2], tasks: "a:3:1,b:3:1", levels: 1, rate: 0.5, maxEpochs: 1, seeds: [0, 1] },
    device: "cpu",
  },
  "software adapter": {
    experiment: "moons-circles",
    set: { extension: 3, maxEpochs: 3, seeds: [0, 1, 2, 3] },
    device: "software",
  },
};

/**
 * Forecast and measured peak memory of a process, of five runs, each in processes of its own.
 * @param inChild calls {@link forecastHere} in a new process
 */
export function benchForecast(inChild: (argument: string) => string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "split-ticket-forecast-"));
  try {
    const path = join(folder, "data.csv");
    writeRows(path, (value) => value.toFixed(6), rows);
    return Object.keys(cases).map((name) => {
      const bytes = (act: "plan" | "run") => Number(inChild(JSON.stringify({ act, name, path })).at(-1));
      const [forecast, measured] = [bytes("plan"), bytes("run")];
      const off = (forecast / measured - 1) * 100;
      const size = name === own ? ` of ${(statSync(path).size / 1e6).toFixed(0)} MB` : "";
      return `memory, ${name}${size}: forecast ${(forecast / 1e6).toFixed(0)} MB, measured peak ${(measured / 1e6).toFixed(0)} MB, ${off.toFixed(0)} % off (to reach: within 25 %)`;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The forecast of a case, or the peak of this process after running it, in bytes. */
export async function forecastHere(argument: string): Promise<string[]> {
  const { act, name, path } = JSON.parse(argument) as { act: "plan" | "run"; name: string; path: string };
  const { experiment, set, device } = cases[name];
  const given = experiment || path;
  const options = { device, out: join(path, "..", `runs-${name}`), set };
  if (act === "plan") return [String((await planRun(given, options)).hostBytes)];
  await run(given, options);
  return [String(processMemory().peakBytes)];
}
