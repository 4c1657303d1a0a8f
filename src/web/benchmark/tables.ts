import type { BenchmarkResult } from "../../benchmark/result.ts";
import type { Spread } from "../../benchmark/statistics.ts";

/** Figures as they are shown and copied: a title, heads and rows of text. */
export interface FigureTable {
  readonly title: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Three digits that count, whatever the size. */
function digits(value: number): string {
  return value >= 1000 ? Number(value.toPrecision(3)).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

const spreadOf = ({ median, lowerQuartile, upperQuartile }: Spread) =>
  `${digits(median)} (${digits(lowerQuartile)}..${digits(upperQuartile)})`;
const share = (value: number | null) => (value === null ? "-" : `${digits(value * 100)} %`);

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
        row.weights.toLocaleString("en-US"),
        row.engine,
        String(row.population),
        digits(row.networkStepUs),
        digits(row.networkEpochsPerSecond),
        digits(row.gflops),
        share(row.arithmeticShare),
      ]),
    },
    {
      title: "Kernels, by the device's clock",
      heads: ["networks", "kernel", "size", "us", "GFLOP/s", "GB/s"],
      rows: (result.kernels?.calls ?? []).map((row) => [
        `${row.engine} (${row.shape.join(",")}), ${row.weights.toLocaleString("en-US")} weights${row.population > 1 ? `, ${row.population} of them` : ""}`,
        row.kernel,
        row.size,
        spreadOf(row.us),
        row.gflops === null ? "-" : digits(row.gflops),
        row.gbytes === null ? "-" : digits(row.gbytes),
      ]),
    },
    {
      title: "Ratios",
      heads: ["what", "ratio"],
      rows: result.ratios.map(({ what, ratio }) => [what, digits(ratio)]),
    },
    {
      title: "Left out",
      heads: ["engine", "shape", "weights", "population", "why"],
      rows: result.leftOut.map((row) => [
        row.engine,
        `(${row.shape.join(",")})`,
        row.weights.toLocaleString("en-US"),
        String(row.population),
        row.reason,
      ]),
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** Tables as Markdown, with a line on where they were measured before them. */
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
