import { formatPercent, inThousands, threeDigits } from "../../base/format.ts";
import type { BenchmarkResult } from "../../benchmark/result.ts";
import type { Spread } from "../../benchmark/statistics.ts";

/** A table as it is shown and copied: title, heads and rows of text. */
export interface FigureTable {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const spreadOf = ({ median, lowerQuartile, upperQuartile }: Spread) =>
  `${threeDigits(median)} (${threeDigits(lowerQuartile)}..${threeDigits(upperQuartile)})`;
const share = (value: number | null) => (value === null ? "-" : formatPercent(value));

/** The tables of a benchmark, in the order in which it was measured. */
export function figureTables(result: BenchmarkResult): FigureTable[] {
  const tables: FigureTable[] = [
    {
      title: "Ceilings",
      heads: ["executor", "arithmetic, GFLOP/s", "memory, GB/s"],
      rows: result.ceilings.map(({ executor, arithmeticGflops, bandwidthGbytes }) => [
        executor,
        spreadOf(arithmeticGflops),
        spreadOf(bandwidthGbytes),
      ]),
    },
    {
      title: "Training",
      heads: ["shape", "weights", "engine", "population", "step, us", "epochs/s", "GFLOP/s", "of arithmetic"],
      rows: result.throughput.map((row) => [
        `(${row.shape.join(",")}), batch ${row.batch}`,
        inThousands(row.weights),
        row.engine,
        String(row.population),
        threeDigits(row.networkStepUs),
        threeDigits(row.networkEpochsPerSecond),
        threeDigits(row.gflops),
        share(row.arithmeticShare),
      ]),
    },
    {
      title: "Kernels, by the device's clock",
      heads: ["networks", "kernel", "size", "us", "GFLOP/s", "GB/s"],
      rows: (result.kernels?.calls ?? []).map((row) => [
        `${row.engine} (${row.shape.join(",")}), ${inThousands(row.weights)} weights${row.population > 1 ? `, ${row.population} of them` : ""}`,
        row.kernel,
        row.size,
        spreadOf(row.us),
        row.gflops === null ? "-" : threeDigits(row.gflops),
        row.gbytes === null ? "-" : threeDigits(row.gbytes),
      ]),
    },
    {
      title: "Ratios",
      heads: ["what", "ratio"],
      rows: result.ratios.map(({ what, ratio }) => [what, threeDigits(ratio)]),
    },
    {
      title: "Left out",
      heads: ["engine", "shape", "weights", "population", "why"],
      rows: result.leftOut.map((row) => [
        row.engine,
        `(${row.shape.join(",")})`,
        inThousands(row.weights),
        String(row.population),
        row.reason,
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** Tables as Markdown, after a line on where they were measured. */
export function markdown(where: string, tables: readonly FigureTable[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    where,
    ...tables.flatMap(({ title, heads, rows }) => [
      "",
      `**${title}**`,
      "",
      line(heads),
      line(heads.map(() => "---")),
      ...rows.map(line),
    ]),
    "",
  ].join("\n");
}
