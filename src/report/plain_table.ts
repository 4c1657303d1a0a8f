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
