import { element } from "../page/dom.ts";

/** The heads and rows of a table. */
export interface ShownTable {
  readonly heads: readonly string[];
  readonly cells: readonly (readonly (string | number | Node)[])[];
}

/**
 * A table with a caption, in a box in which it scrolls where it is wider.
 * @param rowHeads columns that name a row
 */
export function reportTable(caption: string, { heads, cells }: ShownTable, rowHeads: readonly number[]): HTMLElement {
  const content = (cell: string | number | Node) => (typeof cell === "number" ? String(cell) : cell);
  const head = element("thead", {}, element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text))));
  const rows = cells.map((row) =>
    element(
      "tr",
      {},
      ...row.map((cell, column) =>
        rowHeads.includes(column) ? element("th", { scope: "row" }, content(cell)) : element("td", {}, content(cell)),
      ),
    ),
  );
  return element(
    "div",
    { class: "table-scroll", tabindex: 0, role: "region", "aria-label": caption },
    element(
      "table",
      { class: "report-table" },
      element("caption", {}, element("span", {}, caption)),
      head,
      element("tbody", {}, ...rows),
    ),
  );
}
