import { encodeAddress, escapeMarkdown } from "./escape.ts";
import type { ReportContent, TableSection } from "./html.ts";

/**
 * A report as Markdown, for a repository; the table of runs is left to the page.
 * @param figureFolder folder of the figures, relative to the file
 */
export function markdownReport(content: ReportContent, figureFolder: string): string {
  const { title, summary, facts, agreement, groups, chance, prediction, figures, notDrawn, spec } = content;
  const folder = encodeAddress(figureFolder);
  const parts = [
    `# ${escapeMarkdown(title)}`,
    ...summary.map(escapeMarkdown),
    facts.map(([name, value]) => `- ${escapeMarkdown(name)}: ${escapeMarkdown(value)}`).join("\n"),
    ...[agreement, groups, chance].flatMap((section) => (section ? [tableSection(section)] : [])),
    "## Figures",
    ...figures.flatMap(({ id, title: name, caption }) => [
      `![${escapeMarkdown(name)}](${folder}/${id}.svg)`,
      `${escapeMarkdown(caption)} [Data (CSV)](${folder}/${id}.csv)`,
    ]),
    ...(notDrawn.length > 0 ? [`Not drawn: ${escapeMarkdown(notDrawn.join("; "))}.`] : []),
    ...(prediction ? [tableSection(prediction)] : []),
    tableSection(spec),
  ];
  return `${parts.join("\n\n")}\n`;
}

function tableSection({ title, text, table: { columns, rows } }: TableSection): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const lines = [
    line(columns),
    `| ${columns.map(() => "---").join(" | ")} |`,
    ...rows.map((row) => line(row.map((cell) => cell.text))),
  ];
  return `## ${escapeMarkdown(title)}\n\n${escapeMarkdown(text)}\n\n${lines.join("\n")}`;
}
