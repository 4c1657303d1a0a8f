/**
 * Style of a report's page: one column, tables with scroll bars, the reader's light or dark scheme, black on white in
 * print.
 */
export const styleSheet = `
:root { color-scheme: light dark; --ink: #1d1d1f; --quiet: #57575c; --paper: #ffffff; --line: #d0d0d5; --shade: #f4f4f6; --link: #005a92; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececee; --quiet: #b0b0b6; --paper: #17181a; --line: #44454a; --shade: #222327; --link: #7cc4f2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.5rem 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.5rem; }
p { max-width: 46rem; margin: 0.5rem 0; }
a { color: var(--link); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0.6rem 1.5rem; margin: 1.5rem 0; }
dt { color: var(--quiet); font-size: 0.85rem; }
dd { margin: 0; overflow-wrap: anywhere; }
figure { overflow-x: auto; margin: 1.5rem 0 2.5rem; break-inside: avoid; }
figure > svg { display: block; width: 100%; min-width: 34rem; max-width: 760px; height: auto; color: var(--ink); }
figure > svg .paper { fill: none; }
figcaption { color: var(--quiet); font-size: 0.9rem; max-width: 46rem; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; max-height: 38rem; overflow-y: auto; }
table { border-collapse: collapse; font-size: 0.85rem; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.6rem; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { position: sticky; top: 0; background: var(--shade); }
.number, .number button { text-align: right; }
th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th[aria-sort="ascending"] button::after { content: " \\2191"; }
th[aria-sort="descending"] button::after { content: " \\2193"; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media print {
  :root { --ink: #000; --quiet: #333; --paper: #fff; --line: #aaa; --shade: #eee; --link: #000; }
  main { max-width: none; padding: 0; }
  .wide { max-height: none; overflow: visible; border: 0; }
  table { font-size: 0.65rem; }
  td { white-space: normal; }
  .links { display: none; }
}
`;

/**
 * Sorts a table by the column with the pressed head, in reverse if it is pressed again; cells without a value stay
 * last.
 */
export const sortScript = `
for (const head of document.querySelectorAll("th")) {
  head.firstElementChild.addEventListener("click", () => {
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const valueOf = (row) => {
      const cell = row.cells[head.cellIndex];
      const text = cell.dataset.value ?? cell.textContent;
      return { text, number: text.trim() === "" ? NaN : Number(text) };
    };
    const compare = (a, b) =>
      Number.isNaN(a.number) || Number.isNaN(b.number) ? a.text.localeCompare(b.text) : a.number - b.number;
    const rows = [...body.rows].map((row) => ({ row, value: valueOf(row) }));
    rows.sort((a, b) => {
      if (a.value.text === "" || b.value.text === "") return (a.value.text === "") - (b.value.text === "");
      return descending ? compare(b.value, a.value) : compare(a.value, b.value);
    });
    body.append(...rows.map(({ row }) => row));
  });
}
`;
