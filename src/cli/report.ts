import type { Command } from "commander";
import type { Shell } from "./shell.ts";

interface ReportOptions {
  readonly output: string;
}

/** Adds `split-ticket report`. */
export function addReport(program: Command, shell: Shell): void {
  program
    .command("report")
    .description("write a report on stored runs: figures with their data, the table of runs, spec, adapter and times")
    .argument("<folders...>", "runs' folders (seed-<n>), or those above them with all seeds")
    .option("-o, --output <file>", "the report, .html or .md", "report.html")
    .addHelpText(
      "after",
      `
The page needs nothing else and opens from disk. Beside it lie its figures as SVG
and the data behind each as CSV.

Examples:
  split-ticket report runs/moons-circles-<hash> -o report.html
  split-ticket report runs/*/ -o all.md`,
    )
    .action(async (folders: readonly string[], { output }: ReportOptions) => {
      // What draws figures takes a fifth of a second to load: only where there is something to draw.
      const { reportOnRuns } = await import("./run_report.ts");
      await reportOnRuns(folders, output, shell);
    });
}
