import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RandomStream } from "../src/base/random.ts";
import { loadDataset } from "../src/dataset/load.ts";
import { nodeDatasetAccess } from "../src/dataset/node.ts";
import { nodeFiles } from "../src/store/node.ts";

const rows = 1_000_000;
/** Six inputs, two labels. */
const header = "x1,x2,x3,x4,x5,x6,a,b";

/** How the files write their inputs. */
const writings: Readonly<Record<string, (value: number) => string>> = {
  "5 decimals": (value) => value.toFixed(5),
  "all digits of float64": (value) => String(value),
  "numpy's %.18e": (value) => value.toExponential(18),
};

/**
 * Time and peak memory of reading a CSV file of 1,000,000 rows of 8 columns into a dataset, standardised and divided,
 * each file in a process of its own. The file is hashed before, as a run does.
 * @param inChild runs {@link readCsvFile} in a new process
 */
export async function benchCsv(inChild: (path: string) => string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "split-ticket-csv-"));
  try {
    return Object.entries(writings).flatMap(([name, write]) => {
      const path = join(folder, "data.csv");
      writeRows(path, write, rows);
      const size = (statSync(path).size / 1e6).toFixed(0);
      return inChild(path).map((figures) => `csv, ${rows} rows of 8 columns, ${name}, ${size} MB: ${figures}`);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Reads a file in this process. */
export async function readCsvFile(path: string): Promise<string[]> {
  const start = performance.now();
  await nodeFiles.sha256(path);
  const hashed = performance.now();
  const dataset = await loadDataset({ dataset: path, dataSeed: 0, tasks: "a:3:1,b:3:1" }, nodeDatasetAccess());
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(2);
  const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  const samples = dataset.train.samples + dataset.validation.samples;
  return [
    `${seconds(hashed, performance.now())} s (to reach: below 3) and ${seconds(start, hashed)} s for its SHA-256, peak ${peak} MiB of the process (to reach: below 572), ${samples} samples`,
  ];
}

/** Writes a file of some rows of 6 inputs and 2 labels, with a header. */
export function writeRows(path: string, write: (value: number) => string, rows: number): void {
  const stream = new RandomStream(0, "datasetPoints");
  const file = openSync(path, "w");
  try {
    let text = `${header}\n`;
    for (let row = 0; row < rows; row++) {
      const x = Array.from({ length: 6 }, () => stream.nextUniform() * 2 - 1 + stream.nextUniform() * 2 ** -32);
      text += `${x.map(write).join()},${x[0] > x[1] ? 1 : 0},${x[2] > x[3] ? 1 : 0}\n`;
      if (text.length > 1e6 || row === rows - 1) {
        writeSync(file, text);
        text = "";
      }
    }
  } finally {
    closeSync(file);
  }
}
