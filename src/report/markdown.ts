import type { ReportContent, TableSection } from "./html.ts";

/**
 * A report as Markdown, for a repository; the table of runs is left to the page.
 * @param figureFolder folder of the figures, relative to the file
 */
export function markdownReport(content: ReportContent, figureFolder: string): string {
  const { title, summary, facts, agreement, figures, notDrawn, spec } = content;
  const parts = [
    `# ${title}`,
    ...summary,
    facts.map(([name, value]) => `- ${name}: ${value}`).join("\n"),
    ...(agreement ? [tableSection(agreement)] : []),
    "## Figures",
    ...figures.flatMap(({ id, title: name, caption }) => [
      `![${name}](${figureFolder}/${id}.svg)`,
      `${caption} [Data (CSV)](${figureFolder}/${id}.csv)`,
    ]),
    ...(notDrawn.length > 0 ? [`Not drawn: ${notDrawn.join("; ")}.`] : []),
    tableSection(spec),
  ];
  return `${parts.join("\n\n")}\n`;
}

function tableSection({ title, text, table: { columns, rows } }: TableSection): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  const lines = [
    line(columns),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(row.map((cell) => cell.text))),
  ];
  return `## ${title}\n\n${text}\n\n${lines.join("\n")}`;
}
