import type { Command } from "commander";
import { measuresOption } from "./measured_runs.ts";
import type { Shell } from "./shell.ts";

interface ReportOptions {
  readonly output: string;
  readonly measures?: string;
}

/** Adds `split-ticket report`. */
export function addReport(program: Command, shell: Shell): void {
  program
    .command("report")
    .description("write a report on stored runs: figures with their data, the table of runs, spec, adapter and times")
    .argument("<folders...>", "runs' folders (seed-<n>), those above them with all seeds, or folders of such folders")
    .option("-o, --output <file>", "the report, .html or .md", "report.html")
    .option(
      measuresOption.flags,
      `${measuresOption.description}; drawn by level and by active weights, with how well each predicts separation`,
    )
    .addHelpText(
      "after",
      `
The page is self-contained and opens from disk. Its figures as SVG and the data of
each as CSV are written to a folder beside it.

Examples:
  split-ticket report runs/moons-circles-<hash> -o report.html
  split-ticket report runs -o all.md
  split-ticket report runs --measures all -o before-separation.html`,
    )
    .action(async (folders: readonly string[], { output, measures }: ReportOptions) => {
      // The plotting library takes 0.2 s to load, so it is loaded only to draw.
      const { reportOnRuns } = await import("./run_report.ts");
      await reportOnRuns(folders, output, measures, shell);
    });
}
