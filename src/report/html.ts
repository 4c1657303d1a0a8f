import { plural } from "../base/format.ts";
import type { Argument, Evidence } from "./argument.ts";
import { escapeXml } from "./escape.ts";
import { type Figure, toCsv } from "./figure.ts";
import { sortScript, styleSheet } from "./html_parts.ts";
import type { Table } from "./run_table.ts";

/** A table with a heading and an explanation. */
export interface TableSection {
  readonly title: string;
  readonly text: string;
  readonly table: Table;
}

/** The content of a report, in the order of the page. */
export interface ReportContent {
  readonly title: string;
  /** The runs and their results, in whole sentences. */
  readonly summary: readonly string[];
  /** Names and values of facts such as adapter, engine, machine and times. */
  readonly facts: readonly (readonly [string, string])[];
  /** How the runs compare with published values. */
  readonly agreement?: TableSection;
  /** How runs with different values of a key compare. */
  readonly groups?: TableSection;
  /** What the evidence on the ticket of each run comes to. */
  readonly argument?: Argument;
  /** Tickets among masks by chance. */
  readonly chance?: TableSection;
  /** Which quantities of a level predict separation at a later one. */
  readonly prediction?: TableSection;
  readonly figures: readonly Figure[];
  /** Figures that could not be drawn, and why. */
  readonly notDrawn: readonly string[];
  readonly runs: TableSection;
  readonly spec: TableSection;
}

/**
 * A report as one self-contained HTML page: it opens from disk, makes no requests, follows the reader's light or dark
 * scheme, and can be printed.
 */
export function htmlReport(content: ReportContent): string {
  const { title, summary, facts, argument, agreement, groups, chance, prediction, figures, notDrawn, runs, spec } =
    content;
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
${argument ? argumentSection(argument, chance !== undefined) : ""}
${agreement ? tableSection("agreement", agreement) : ""}
${groups ? tableSection("groups", groups) : ""}
${chance ? tableSection("chance", chance) : ""}
<section>
<h2 id="figures">Figures</h2>
${figures.map(figureElement).join("\n")}
${notDrawn.length > 0 ? `<p>Not drawn: ${escapeXml(notDrawn.join("; "))}.</p>` : ""}
</section>
${prediction ? tableSection("prediction", prediction) : ""}
${tableSection("runs", runs)}
${tableSection("spec", spec)}
</main>
<script>${sortScript}</script>
</body>
</html>
`;
}

/** The arguments, in which each statement leads to its numbers. */
function argumentSection({ summary, runs, others, rows }: Argument, hasChance: boolean): string {
  const linkOf = (evidence: Evidence) => {
    const target = evidence === "chance" && !hasChance ? "runs" : evidence === "data" ? "argument-data" : evidence;
    return `<a href="#${target}">data</a>`;
  };
  const items = runs.map(
    ({ run, statements }) =>
      `<li><strong>${escapeXml(run)}</strong>: ${statements.map(({ text, evidence }) => `${escapeXml(text)} [${linkOf(evidence)}]`).join("; ")}.</li>`,
  );
  const data =
    rows.length > 0
      ? `<p id="argument-data">Every lesion and every use of inputs: ${downloadLink("argument.csv", "text/csv", toCsv(rows), "data")}.</p>`
      : "";
  return `<section>
<h2 id="argument">What it comes to</h2>
<p>${escapeXml(argumentText(others))}</p>
${summary.map((sentence) => `<p>${escapeXml(sentence)}</p>`).join("\n")}
<ul>
${items.join("\n")}
</ul>
${data}
</section>`;
}

/** The explanation above the arguments. */
export function argumentText(others: number): string {
  const more =
    others > 0 ? ` ${plural(others, "run")} more ${others === 1 ? "is" : "are"} in the tables and the data alone.` : "";
  return `The ticket at the first separated level of each run, or at its last level: structure, chance, tasks, and what its parts compute on validation samples. A plain 0 is exact. docs/function.md and docs/nulls.md define the numbers.${more}`;
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

/** Characters of a cell from which a column wraps; shorter ones stand in one line. */
const longText = 24;

function tableSection(id: string, { title, text, table }: TableSection): string {
  const isNumeric = table.columns.map((_, column) =>
    table.rows.every((row) => row[column].value === null || typeof row[column].value === "number"),
  );
  const isLong = table.columns.map((_, column) => table.rows.some((row) => row[column].text.length > longText));
  const classOf = (column: number) => {
    const classes = [...(isNumeric[column] ? ["number"] : []), ...(isLong[column] ? ["long"] : [])];
    return classes.length > 0 ? ` class="${classes.join(" ")}"` : "";
  };
  const head = table.columns.map(
    (column, i) => `<th scope="col"${classOf(i)}><button type="button">${escapeXml(column)}</button></th>`,
  );
  const rows = table.rows.map((row) => {
    const cells = row.map(({ text: shown, value }, i) => {
      const sortBy = value === null || String(value) === shown ? "" : ` data-value="${escapeXml(String(value))}"`;
      return `<td${classOf(i)}${sortBy}>${escapeXml(shown)}</td>`;
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
