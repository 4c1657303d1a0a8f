import Table from "cli-table3";

/** Rules above, below the head and at the end; only spaces between columns, so that a wide table still fits. */
const rules = {
  top: "─",
  "top-mid": "─",
  "top-left": "",
  "top-right": "",
  bottom: "─",
  "bottom-mid": "─",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ",
};

/** A column of a text table. */
export interface Column {
  /** Lines of the head; shorter heads stand at the bottom. */
  readonly head: string;
  readonly align: "left" | "right";
  /** A column of the lowest number is left out first where the table is too wide; without a number it always stays. */
  readonly spare?: number;
}

/** Columns of a terminal that a table should fit. */
const terminalColumns = 100;
/** The codes that colour a cell; they take no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI codes start with the escape character
const colourCodes = /\u001b\[\d+m/g;

/**
 * A text table, without its spare columns where it is too wide for a terminal; a line below names those left out.
 * @param rows one cell a column
 * @returns lines without a line end after the last
 */
export function fittingTable(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string {
  const widths = columns.map(({ head }, column) => {
    const cells = rows.map((row) => String(row[column]).replace(colourCodes, "").length);
    return cells.reduce(
      (most, width) => Math.max(most, width),
      Math.max(...head.split("\n").map((line) => line.length)),
    );
  });
  let kept = [...columns.keys()];
  const width = () => kept.reduce((sum, column) => sum + widths[column] + 2, -2);
  for (;;) {
    const spare = kept.flatMap((column) => columns[column].spare ?? []);
    if (spare.length === 0 || width() <= terminalColumns) break;
    const least = Math.min(...spare);
    kept = kept.filter((column) => columns[column].spare !== least);
  }
  const table = plainTable(
    kept.map((column) => columns[column]),
    rows.map((row) => kept.map((column) => row[column])),
  );
  if (kept.length === columns.length) return table;
  const left = columns.flatMap(({ head }, column) =>
    kept.includes(column) ? [] : head.replace("-\n", "").replace("\n", " "),
  );
  const reason = width() <= terminalColumns ? `to fit ${terminalColumns}` : `of a table wider than ${terminalColumns}`;
  return `${table}\nleft out ${reason} columns: ${left.join(", ")} (--json has all)`;
}

/**
 * A text table with rules above, below the head and at the end.
 * @param rows one cell a column
 * @returns lines without a line end after the last
 */
export function plainTable(columns: readonly Column[], rows: readonly (readonly (string | number)[])[]): string {
  const headLines = Math.max(...columns.map(({ head }) => head.split("\n").length));
  const table = new Table({
    head: columns.map(({ head }) => "\n".repeat(headLines - head.split("\n").length) + head),
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
    chars: rules,
  });
  table.push(...rows.map((row) => [...row]));
  // The library draws a line below the head only together with lines between all rows, so it is added here.
  const lines = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  return [...lines.slice(0, headLines + 1), lines[0], ...lines.slice(headLines + 1)].join("\n");
}
