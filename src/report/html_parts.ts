/**
 * Style of a report's page: one column, the reader's light or dark scheme, black on white in print. A table may be wider
 * than the column, up to the window; heads and texts wrap, and what is wider still scrolls in a box of its own, where the
 * first column stays and a shadow at the right says that there is more. In print tables stand on pages across.
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
.wide { width: max-content; min-width: 100%; max-width: calc(100vw - 3rem); position: relative; left: 50%; translate: -50%; max-height: 38rem; overflow: auto; border: 1px solid var(--line); border-radius: 6px;
  background: linear-gradient(to left, var(--paper) 1.5rem, transparent) right / 3rem 100% no-repeat local, linear-gradient(to left, color-mix(in srgb, var(--ink) 22%, transparent), transparent) right / 1rem 100% no-repeat scroll; }
table { border-collapse: separate; border-spacing: 0; font-size: 0.82rem; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.4rem; text-align: left; border-bottom: 1px solid var(--line); }
td { vertical-align: top; white-space: nowrap; }
td.long { min-width: min(10rem, 45vw); max-width: 24rem; white-space: normal; overflow-wrap: break-word; }
thead th { position: sticky; top: 0; z-index: 1; vertical-align: bottom; background: var(--shade); }
tr > :first-child { position: sticky; left: 0; max-width: min(24rem, 34vw); border-right: 1px solid var(--line); background: var(--paper); }
tr > td.long:first-child { min-width: min(10rem, 34vw); overflow-wrap: anywhere; }
thead tr > :first-child { z-index: 2; background: var(--shade); }
th button { font: inherit; font-weight: 600; color: inherit; text-align: left; background: none; border: 0; padding: 0; cursor: pointer; }
.number, .number button { text-align: right; }
.number.long, .number.long button { text-align: left; }
th[aria-sort="ascending"] button::after { content: " \\2191"; }
th[aria-sort="descending"] button::after { content: " \\2193"; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media print {
  :root { --ink: #000; --quiet: #333; --paper: #fff; --line: #aaa; --shade: #eee; --link: #000; }
  main { max-width: none; padding: 0; }
  section:has(> .wide) { page: wide; }
  .wide { position: static; translate: none; width: auto; max-width: none; max-height: none; overflow: visible; border: 0; background: none; }
  table { font-size: 0.55rem; }
  th, td, td.long { padding: 0.15rem 0.2rem; min-width: 0; white-space: normal; }
  th, td.long { overflow-wrap: anywhere; }
  td.number:not(.long) { white-space: nowrap; }
  tr > th, tr > :first-child, tr > td.long:first-child { position: static; min-width: 0; max-width: none; }
  .links { display: none; }
}
@page wide { size: landscape; }
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
