import { encodeAddress, escapeMarkdown } from "./escape.ts";
import { argumentText, type ReportContent, type TableSection } from "./html.ts";

/** The numbers of the arguments, in the folder of the figures. */
export const argumentFile = "argument.csv";

/**
 * A report as Markdown, for a repository; the table of runs is left to the page.
 * @param figureFolder folder of the figures, relative to the file
 */
export function markdownReport(content: ReportContent, figureFolder: string): string {
  const { title, summary, facts, argument, agreement, groups, chance, prediction, figures, notDrawn, spec } = content;
  const folder = encodeAddress(figureFolder);
  const parts = [
    `# ${escapeMarkdown(title)}`,
    ...summary.map(escapeMarkdown),
    facts.map(([name, value]) => `- ${escapeMarkdown(name)}: ${escapeMarkdown(value)}`).join("\n"),
    ...(argument
      ? [
          "## What it comes to",
          escapeMarkdown(argumentText(argument.others)),
          ...argument.summary.map(escapeMarkdown),
          argument.runs
            .map(
              ({ run, statements }) =>
                `- **${escapeMarkdown(run)}**: ${statements.map(({ text }) => escapeMarkdown(text)).join("; ")}.`,
            )
            .join("\n"),
          ...(argument.rows.length > 0
            ? [`Every lesion and every use of inputs: [data (CSV)](${folder}/${argumentFile}).`]
            : []),
        ]
      : []),
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
