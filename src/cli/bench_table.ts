import { formatPercent, inThousands, threeDigits } from "../base/format.ts";
import { formatShape } from "../base/shape.ts";
import type { BenchmarkResult, Ceilings, KernelTime, Throughput } from "../benchmark/result.ts";
import type { Spread } from "../benchmark/statistics.ts";
import { type Column, plainTable } from "../report/plain_table.ts";

/** A benchmark's results as text tables. */
export function benchmarkTables(result: BenchmarkResult): string {
  const { adapter, ceilings, throughput, leftOut, kernels, ratios } = result;
  const sections: string[] = [
    ...ceilings.map(describeCeilings),
    ...groups(throughput, ({ shape, batch }) => `${formatShape(shape)}, batch ${batch}`).map(([title, rows]) =>
      throughputTable(title, rows),
    ),
  ];
  if (throughput.length > 0) {
    sections.push(
      "step, epoch: of one network, its share of the validation included; median, and the middle half of the trials.\nGFLOP/s: 2(3K - K0) a training and 2K a validation sample, K unpruned weights, K0 of them in the first layer.\nof arithm., of memory: share of the ceilings above (cpu: of as many threads as train);\nmore than 100 % of memory: caches served a part of it.",
    );
  }
  if (leftOut.length > 0) {
    const lines = leftOut.map(
      ({ engine, shape, weights, population, reason }) =>
        `  ${engine} ${formatShape(shape)}, ${inThousands(weights)} weights, population ${population}: ${reason}`,
    );
    sections.push(["left out", ...lines].join("\n"));
  }
  if (kernels) {
    const title = `kernels by the device's clock, with a resolution of ${inThousands(kernels.clockGrainNs)} ns`;
    const networks = groups(
      kernels.calls,
      ({ engine, shape, batch, weights, population }) =>
        `${engine} ${formatShape(shape)}, batch ${batch}, ${inThousands(weights)} weights, population ${population}`,
    );
    sections.push(title, ...networks.map(([networks, rows]) => kernelTable(networks, rows)));
  } else if (adapter && !adapter.hasTimestamps) {
    sections.push("kernels: none timed, this adapter offers no timestamps (timestamp-query)");
  }
  if (ratios.length > 0)
    sections.push(["ratios", ...ratios.map(({ what, ratio }) => `  ${what}: ${threeDigits(ratio)}`)].join("\n"));
  return sections.join("\n\n");
}

function describeCeilings({ executor, arithmeticGflops, bandwidthGbytes }: Ceilings): string {
  const figure = (spread: Spread, unit: string) => `${threeDigits(spread.median)} ${unit} (${middleHalf(spread)})`;
  return [
    `ceilings of ${executor}`,
    `  arithmetic  ${figure(arithmeticGflops, "GFLOP/s")}, multiply-adds in registers, each counted as two`,
    `  memory      ${figure(bandwidthGbytes, "GB/s")}, a copy of 128 MiB, read and written bytes counted`,
  ].join("\n");
}

function throughputTable(title: string, rows: readonly Throughput[]): string {
  const columns = [
    left("engine"),
    ...["weights", "popu-\nlation", "step\nus", "epoch\nms", "middle half", "network-\nepochs/s"].map(right),
    ...["million\nupdates/s", "GFLOP/s", "of\narithm.", "of\nmemory"].map(right),
  ];
  const cells = rows.map((row) => [
    row.engine,
    inThousands(row.weights),
    row.population,
    threeDigits(row.networkStepUs),
    threeDigits(row.networkEpochMs.median),
    middleHalf(row.networkEpochMs),
    threeDigits(row.networkEpochsPerSecond),
    threeDigits(row.weightUpdatesPerSecond / 1e6),
    threeDigits(row.gflops),
    percent(row.arithmeticShare),
    percent(row.bandwidthShare),
  ]);
  return `${title}\n${plainTable(columns, cells)}`;
}

function kernelTable(title: string, rows: readonly KernelTime[]): string {
  const columns = [
    ...["kernel", "size"].map(left),
    ...["calls", "us", "middle half", "GFLOP/s", "GB/s", "of\narithm.", "of\nmemory"].map(right),
  ];
  const cells = rows.map((row) => [
    row.kernel,
    row.size,
    inThousands(row.calls),
    threeDigits(row.us.median),
    middleHalf(row.us),
    row.gflops === null ? "-" : threeDigits(row.gflops),
    row.gbytes === null ? "-" : threeDigits(row.gbytes),
    percent(row.arithmeticShare),
    percent(row.bandwidthShare),
  ]);
  return `${title}\n${plainTable(columns, cells)}`;
}

const left = (head: string): Column => ({ head, align: "left" });
const right = (head: string): Column => ({ head, align: "right" });

/** Groups rows by title, in the order in which the titles first appear. */
function groups<Row>(rows: readonly Row[], title: (row: Row) => string): [string, Row[]][] {
  const found = new Map<string, Row[]>();
  for (const row of rows) found.set(title(row), [...(found.get(title(row)) ?? []), row]);
  return [...found];
}

function middleHalf({ lowerQuartile, upperQuartile }: Spread): string {
  return `${threeDigits(lowerQuartile)}..${threeDigits(upperQuartile)}`;
}

function percent(share: number | null): string {
  return share === null ? "-" : formatPercent(share);
}
