import { inThousands, plural } from "../base/format.ts";
import { visible } from "../base/visible.ts";
import type { FunctionAnalysis } from "../function/analyze_function.ts";
import type { ScoreDrop } from "../function/task_terms.ts";
import { type Column, fittingTable } from "./plain_table.ts";

/** What is printed of the function of a ticket. */
type Shown = Pick<FunctionAnalysis, "tasks" | "scores" | "parts" | "inputs" | "correlation">;

/**
 * What a ticket computes, as text tables: what each task loses by each lesion, what it makes of the inputs of each task, and how the
 * activations of the parts go together. A plain 0 is exact: no answer changes.
 * @returns lines without a line end after the last
 */
export function functionTables({ tasks: names, scores, parts, inputs, correlation }: Shown): string {
  const tasks = names.map(visible);
  const left = (head: string): Column => ({ head, align: "left" });
  const right = (head: string): Column => ({ head, align: "right" });
  const partNames = parts.map(({ kind, number }) =>
    kind === "subnetwork" ? `subnetwork ${number + 1}` : `neurons of ${tasks[number]}`,
  );
  const lesions = fittingTable(
    [left("silenced"), right("hidden\nneurons"), ...tasks.map((task) => right(`${task}\nloses`))],
    parts.map(({ neurons, lesion }, part) => [
      partNames[part],
      inThousands(neurons.length),
      ...lesion.map((drop) => dropCell(drop)),
    ]),
  );
  const used = fittingTable(
    [
      left("outputs of"),
      right("score"),
      ...tasks.flatMap((task) => [
        right(`gradients by\ninputs of ${task}`),
        right(`loses, inputs of\n${task} shuffled`),
      ]),
    ],
    tasks.map((task, t) => [
      task,
      scores[t].toFixed(4),
      ...tasks.flatMap((_, from) => [shareCell(inputs.sensitivity[t][from]), dropCell(inputs.shuffled[t][from])]),
    ]),
  );
  const correlated = correlation?.map((row, part) => [
    partNames[part],
    ...row.map((r) => (r === null ? "none" : r.toFixed(3))),
  ]);
  return [
    ...(parts.length > 0 ? ["lesions: what each task loses without a part, with the 95 % interval", lesions] : []),
    "use of inputs: share of the gradients, and what a task loses where inputs are those of other samples",
    used,
    ...(correlated
      ? [
          "correlation: mean |r| of the activations of two hidden neurons",
          fittingTable([left(""), ...partNames.map((name) => right(`with\n${name}`))], correlated),
        ]
      : [`correlation: left out, since the network has more hidden neurons than are compared`]),
  ].join("\n");
}

/** `0.4890 (0.4580..0.5200)`; `0` where no answer changes. */
function dropCell({ drop, low, high }: ScoreDrop): string {
  if (drop === 0 && low === 0 && high === 0) return "0";
  return `${drop.toFixed(4)} (${low.toFixed(3)}..${high.toFixed(3)})`;
}

/** `12.5 %`, rounded so that only all is 100 % and only none is 0 %. */
function shareCell(share: number | null): string {
  if (share === null) return "none";
  if (share === 0 || share === 1) return `${100 * share} %`;
  return `${Math.min(Math.max(100 * share, 0.1), 99.9).toFixed(1)} %`;
}

/** `of 1,000 samples`, or of the first of them. */
export function samplesWords(samples: number, of: number): string {
  return samples === of
    ? `${plural(samples, "validation sample")}`
    : `the first ${inThousands(samples)} of ${plural(of, "validation sample")}`;
}
