import { escapeXml } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { sortScript, styleSheet } from "./html_parts.ts";
import type { Table } from "./run_table.ts";

/** A table with a heading and a word on how to read it. */
export interface TableSection {
  readonly title: string;
  readonly text: string;
  readonly table: Table;
}

/** What a report holds, in the order of the page. */
export interface ReportContent {
  readonly title: string;
  /** What was run and what came out, in whole sentences. */
  readonly summary: readonly string[];
  /** Adapter, engine, machine, times: a name and a value each. */
  readonly facts: readonly (readonly [string, string])[];
  /** How the runs compare with published values. */
  readonly agreement?: TableSection;
  readonly figures: readonly Figure[];
  /** Figures that could not be drawn, and why. */
  readonly notDrawn: readonly string[];
  readonly runs: TableSection;
  readonly spec: TableSection;
}

/**
 * A report as one HTML page that needs nothing else: it opens from disk, asks no server for anything, follows the reader's light
 * or dark scheme and prints.
 */
export function htmlReport(content: ReportContent): string {
  const { title, summary, facts, agreement, figures, notDrawn, runs, spec } = content;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escapeXml(title)}</title>
<style>${styleSheet}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${summary.map((sentence) => `<p>${escapeXml(sentence)}</p>`).join("\n")}
<dl>${facts.map(([name, value]) => `<div><dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd></div>`).join("")}</dl>
${agreement ? tableSection("agreement", agreement) : ""}
<section>
<h2 id="figures">Figures</h2>
${figures.map(figureElement).join("\n")}
${notDrawn.length > 0 ? `<p>Not drawn: ${escapeXml(notDrawn.join("; "))}.</p>` : ""}
</section>
${tableSection("runs", runs)}
${tableSection("spec", spec)}
</main>
<script>${sortScript}</script>
</body>
</html>
`;
}

function figureElement({ id, title, caption, svg, csv }: Figure): string {
  return `<figure id="${id}">
${svg}<figcaption>${escapeXml(caption)} <span class="links">${downloadLink(`${id}.csv`, "text/csv", csv, "data")}, ${downloadLink(`${id}.svg`, "image/svg+xml", svg, "picture")}<span class="unseen"> of ${escapeXml(title)}</span></span></figcaption>
</figure>`;
}

function downloadLink(name: string, type: string, content: string, label: string): string {
  const address = `data:${type};charset=utf-8,${encodeURIComponent(content)}`;
  return `<a download="${name}" href="${escapeXml(address)}">${label} (${name.replace(/^.*\./, "").toUpperCase()})</a>`;
}

function tableSection(id: string, { title, text, table }: TableSection): string {
  const isNumeric = table.columns.map((_, column) =>
    table.rows.every((row) => row[column].value === null || typeof row[column].value === "number"),
  );
  const head = table.columns.map(
    (column, i) =>
      `<th scope="col"${isNumeric[i] ? ' class="number"' : ""}><button type="button">${escapeXml(column)}</button></th>`,
  );
  const rows = table.rows.map((row) => {
    const cells = row.map(({ text: shown, value }, i) => {
      const sortBy = value === null || String(value) === shown ? "" : ` data-value="${escapeXml(String(value))}"`;
      return `<td${isNumeric[i] ? ' class="number"' : ""}${sortBy}>${escapeXml(shown)}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<section>
<h2 id="${id}">${escapeXml(title)}</h2>
<p>${escapeXml(text)}</p>
<div class="wide" tabindex="0" role="region" aria-labelledby="${id}"><table>
<thead><tr>${head.join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>
</section>`;
}
