import { InputError } from "../base/errors.ts";
import { inThousands, plural, threeDigits } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { type ChanceShares, chanceShares, type EffectShare, type OutcomeShares } from "../report/chance_shares.ts";
import { fewestLevels } from "../report/chance_tests.ts";
import { plainTable } from "../report/plain_table.ts";
import { type ReportedRun, reportedRun } from "../report/reported_run.ts";
import { nodeFiles } from "../store/node.ts";
import { readRunFolder } from "../store/open_run.ts";
import { runFileNames } from "../store/run_path.ts";
import { readStoredRun, runPathsBelow } from "../store/stored_run.ts";
import { distinctFolders } from "./repeated_runs.ts";
import type { Shell } from "./shell.ts";

/** Options of `split-ticket shares`. */
export interface SharesOptions {
  readonly json?: true;
}

/** Prints how much of the variance of outcomes each part of chance explains. */
export async function shareChance(folders: readonly string[], { json }: SharesOptions, shell: Shell): Promise<void> {
  const paths: string[] = [];
  for (const folder of folders) paths.push(...(await runPathsBelow(nodeFiles, folder)));
  const runs = new Map<string, ReportedRun>();
  let copies = 0;
  for (const path of await distinctFolders(paths)) {
    const run = await endedRun(path);
    const key = `${run.name} ${run.specHash} ${run.seed}`;
    if (runs.has(key)) copies++;
    else runs.set(key, run);
  }
  if (copies > 0) shell.note(`copies of a run count once: ${plural(copies, "folder")} passed over`);
  const found = chanceShares([...runs.values()]);
  const used = found.reduce((sum, one) => sum + one.runs, 0);
  if (used < runs.size) {
    shell.note(`left out: ${plural(runs.size - used, "run")} of specs in which fewer than two parts of chance vary`);
  }
  if (json) shell.printJson({ tables: found });
  else shell.print(found.map(describe).join("\n\n"));
}

/** @throws InputError when the run has not ended, or its levels are damaged */
async function endedRun(path: string): Promise<ReportedRun> {
  const stored = await readStoredRun(nodeFiles, await readRunFolder(nodeFiles, path), [runFileNames.levels]);
  if (stored.differing.length > 0) {
    throw new InputError(
      `${path}/${stored.differing[0]}: not what the run wrote, by the checksums in run.json; restore it, give the run's command again, or leave the run out`,
    );
  }
  const run = await reportedRun(stored);
  if (!run?.finished) throw new InputError(`${path}: the run has not ended; let it end, or leave it out`);
  return run;
}

function describe({ name, values, factors, runs, outcomes }: ChanceShares): string {
  const keys = Object.entries(values).map(([key, value]) => ` ${key}=${value}`);
  const parts = factors.map((factor) => `${inThousands(factor.levels)} ${factor.name}`).join(" x ");
  const rows = outcomes.flatMap((outcome) =>
    outcome.undivided === undefined ? outcome.effects.map((effect, k) => row(outcome, effect, k)) : [],
  );
  const isShort = factors.some(({ levels }) => levels < fewestLevels);
  const unbalanced = outcomes.filter(({ balanced, undivided }) => !balanced && undivided === undefined);
  return [
    `${visible(name)}${visible(keys.join(""))}: ${plural(runs, "run")}, seeds: ${parts}`,
    ...(rows.length > 0
      ? [
          plainTable(
            [
              { head: "outcome", align: "left" },
              { head: "runs", align: "right" },
              { head: "mean", align: "right" },
              { head: "effect", align: "left" },
              { head: "variance", align: "right" },
              { head: "share", align: "right" },
              { head: "95 % interval", align: "left" },
              { head: "p", align: "right" },
            ],
            rows,
          ),
        ]
      : []),
    ...outcomes.flatMap(({ outcome, undivided, runs, mean }) =>
      undivided === undefined
        ? []
        : [`${outcome}: not divided, ${undivided} (${plural(runs, "run")}, mean ${threeDigits(mean)})`],
    ),
    ...(isShort ? [`no intervals: they need ${fewestLevels} seeds of each part`] : []),
    ...(unbalanced.length > 0
      ? [
          `unbalanced, so by MINQUE(0) in place of the analysis of variance: ${unbalanced.map(({ outcome, runs }) => `${outcome} (${plural(runs, "run")})`).join(", ")}`,
        ]
      : []),
  ].join("\n");
}

function row(
  { outcome, runs, mean }: OutcomeShares,
  { effect, variance, share, low, high, p }: EffectShare,
  k: number,
) {
  const first = k === 0 ? [outcome, inThousands(runs), threeDigits(mean)] : ["", "", ""];
  const percent = (part: number) => `${(100 * part).toFixed(0)} %`;
  return [
    ...first,
    effect,
    signed(variance),
    percent(share),
    low === null || high === null ? "" : `${percent(low)} to ${percent(high)}`,
    p === null ? "" : p.toFixed(4),
  ];
}

const signed = (value: number) => `${value < 0 ? "-" : ""}${threeDigits(Math.abs(value))}`;
