import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { toCsv } from "./figure.ts";
import { htmlReport, type ReportContent } from "./html.ts";
import { argumentFile, markdownReport } from "./markdown.ts";

/**
 * Checks the path of a report before anything is computed for it.
 * @throws InputError when it ends in neither .html nor .md
 */
export function checkReportPath(path: string): void {
  if (!/[^/]\.(html|md)$/.test(path)) {
    throw new InputError(`report ${path}: its name must end in .html or .md; give a file such as report.html`);
  }
}

/**
 * Writes a report, and beside it every figure as SVG with its data as CSV, and the data of its arguments.
 * @param path of an HTML page, or of a Markdown file, by its ending; the figures are in the folder `<path without
 * ending>-figures`
 * @throws InputError when the path ends in neither, or is not writable
 */
export async function writeReport(files: Files, path: string, content: ReportContent): Promise<void> {
  checkReportPath(path);
  const folder = `${path.replace(/\.[^.]*$/, "")}-figures`;
  // Makes the folder of the page too, which is above it.
  await files.makeFolder(content.figures.length > 0 ? folder : path.replace(/\/?[^/]*$/, "") || ".");
  for (const { id, svg, csv } of content.figures) {
    await files.write(`${folder}/${id}.svg`, svg);
    await files.write(`${folder}/${id}.csv`, csv);
  }
  if (content.argument && content.argument.rows.length > 0) {
    await files.write(`${folder}/${argumentFile}`, toCsv(content.argument.rows));
  }
  const page = path.endsWith(".md") ? markdownReport(content, folder.replace(/^.*\//, "")) : htmlReport(content);
  await files.write(path, page);
}
