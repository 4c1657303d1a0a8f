import type { Command } from "commander";
import { StorageError } from "../base/errors.ts";
import { inThousands, plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { type VerifiedRun, verifyRun } from "../lottery/verify_run.ts";
import { nodeFiles } from "../store/node.ts";
import { runPathsBelow, runsWithoutRecord } from "../store/stored_run.ts";
import { distinctFolders } from "./repeated_runs.ts";
import type { Shell } from "./shell.ts";

/** Adds `split-ticket verify`. */
export function addVerify(program: Command, shell: Shell): void {
  program
    .command("verify")
    .description("verify every file of stored runs: checksums, counts, nesting, initial weights, records against masks")
    .argument("<folders...>", "runs' folders (seed-<n>), those above them with all seeds, or folders of such folders")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Prints a line for each run that is not whole, and exits with code 1 if there is one.
Changes nothing: the command that started a run makes what is damaged again, but for lost times.

Examples:
  split-ticket verify runs
  split-ticket verify runs/moons-circles-<hash>/seed-0 --json`,
    )
    .action((folders: readonly string[], options: { readonly json?: true }) => runVerify(folders, options, shell));
}

async function runVerify(folders: readonly string[], { json }: { readonly json?: true }, shell: Shell): Promise<void> {
  const paths: string[] = [];
  const lost: VerifiedRun[] = [];
  for (const folder of folders) {
    const without = await runsWithoutRecord(nodeFiles, folder);
    for (const path of without) {
      const problems = ["run.json is missing, which says which run it is"];
      lost.push({ path, levels: 0, ended: false, problems, unverified: [] });
    }
    // A folder in which no run has a record holds runs all the same.
    paths.push(...(await runPathsBelow(nodeFiles, folder, without.length > 0)));
  }
  const runs: VerifiedRun[] = [...lost];
  // A run that is named twice, by its own folder and by the one above it, counts once.
  for (const path of await distinctFolders(paths)) runs.push(await verifyRun(nodeFiles, path));
  const damaged = runs.filter(({ problems }) => problems.length > 0);
  if (json) shell.printJson({ runs, whole: runs.length - damaged.length, damaged: damaged.length });
  else {
    for (const { path, problems } of damaged) shell.print(`${visible(path)}: ${problems.map(visible).join("; ")}`);
    const unverified = new Map<string, number>();
    for (const what of runs.flatMap((run) => run.unverified)) unverified.set(what, (unverified.get(what) ?? 0) + 1);
    for (const [what, count] of unverified) shell.print(`not verified in ${plural(count, "run")}: ${what}`);
    shell.print(
      `${plural(runs.length, "run")}: ${inThousands(runs.length - damaged.length)} whole, ${inThousands(damaged.length)} damaged`,
    );
  }
  if (damaged.length > 0) {
    throw new StorageError(
      `${plural(damaged.length, "damaged run")} of ${inThousands(runs.length)}; restore the files, or give the command that started the run again, which makes all but lost times again`,
    );
  }
}
