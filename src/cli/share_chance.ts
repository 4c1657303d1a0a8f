import { inThousands, plural, threeDigits } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import { type ChanceShares, type EffectShare, type OutcomeShares, shares } from "../node.ts";
import { fewestLevels } from "../report/chance_tests.ts";
import { fittingTable } from "../report/plain_table.ts";
import { givenRuns } from "./given_runs.ts";
import type { Shell } from "./shell.ts";

/** Options of `split-ticket shares`. */
export interface SharesOptions {
  readonly json?: true;
}

/** Prints how much of the variance of outcomes each part of chance explains. */
export async function shareChance(folders: readonly string[], { json }: SharesOptions, shell: Shell): Promise<void> {
  const { tables, copies, leftOut, diverged } = await shares(await givenRuns(folders, shell));
  if (copies > 0) shell.note(`copies of a run count once: ${plural(copies, "folder")} passed over`);
  if (diverged.length > 0) {
    shell.note(`left out: ${plural(diverged.length, "run")} whose training diverged, such as ${diverged[0]}`);
  }
  if (leftOut > 0) {
    shell.note(`left out: ${plural(leftOut, "run")} of specs in which fewer than two parts of chance vary`);
  }
  if (json) shell.printJson({ tables });
  else shell.print(tables.map(describe).join("\n\n"));
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
          fittingTable(
            [
              { head: "outcome", align: "left" },
              { head: "runs", align: "right" },
              { head: "mean", align: "right" },
              { head: "effect", align: "left" },
              { head: "variance", align: "right", spare: 1 },
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
        : [
            `${outcome}: not divided, ${undivided}${mean === null ? "" : ` (${plural(runs, "run")}, mean ${threeDigits(mean)})`}`,
          ],
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
  const first = k === 0 ? [outcome, inThousands(runs), mean === null ? "" : threeDigits(mean)] : ["", "", ""];
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
