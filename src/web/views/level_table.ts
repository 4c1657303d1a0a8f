import { densityOf } from "../../analysis/measures/density.ts";
import { effectiveDensityOf } from "../../analysis/measures/effective_density.ts";
import { formatAccuracy, formatLoss, inThousands, threeDigits } from "../../base/format.ts";
import { losses } from "../../loss/index.ts";
import { balancedCell, baselineLine, unbalancedTasks } from "../../report/balanced_accuracy.ts";
import { biasesCell, someBiasesPruned } from "../../report/biases_left.ts";
import { winningWords } from "../../report/lost_tasks.ts";
import { measureColumns } from "../../report/measure_columns.ts";
import { capitalised, testCell } from "../../report/score_names.ts";
import { unusedInputsCell } from "../../report/unused_inputs.ts";
import { countsSteps } from "../../store/trained_length.ts";
import { element } from "../page/dom.ts";
import type { Model } from "../page/model.ts";
import { nullTable } from "./null_table.ts";

/** The levels of the chosen run as a table: the numbers behind the charts. */
export function levelPanel(model: Model): HTMLElement {
  const place = element("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Levels" });
  const note = element("p", { class: "caption" });
  const chance = element("div", {});
  const details = element(
    "details",
    {},
    element("summary", {}, element("h2", { style: "display:inline" }, "Levels in numbers")),
    place,
    note,
    chance,
  );
  const root = element("section", { class: "panel panel-levels" }, details);
  details.addEventListener("toggle", () => model.changed());
  let shown = "";
  model.listen(() => {
    const { run } = model;
    root.hidden = !run || run.levels.length === 0 || !!model.ticket;
    if (root.hidden || !details.open || !run) return;
    const wanted = `${run.path} ${run.levels.length} ${model.level}`;
    if (wanted === shown) return;
    shown = wanted;
    const unbalanced = unbalancedTasks(run.levels);
    const hasTest = run.levels.some(({ testAccuracy }) => testAccuracy !== undefined);
    const hasBiases = someBiasesPruned(run.levels);
    const inSteps = run.levels.some(countsSteps);
    const hasUnused = run.levels.some(({ unusedInputs = 0 }) => unusedInputs > 0);
    const measured = measureColumns(run.levels);
    const heads = [
      "level",
      "state",
      "weights",
      ...(hasBiases ? ["biases"] : []),
      inSteps ? "steps" : "epochs",
      ...(inSteps ? ["early-stopping step"] : []),
      "engine",
      "loss",
      ...run.tasks.flatMap(({ name, kind }) => [
        `${losses.get(kind).scoreName} ${name}`,
        ...(unbalanced.includes(name) ? [`balanced ${name}`] : []),
        ...(hasTest ? [`on test ${name}`] : []),
      ]),
      "active",
      "inactive",
      "zombie",
      "density",
      "effective density",
      "subnetworks",
      ...(hasUnused ? ["inputs no longer used"] : []),
      ...measured.map(({ name, part }) => (part ? `${name}, ${part} tasks` : name)),
    ];
    const rows = run.levels.map((record, row) => {
      const cells = [
        String(record.level),
        `${record.state}${record.winning ? "" : `, ${winningWords(record, run.levels)}`}`,
        inThousands(record.remaining),
        ...(hasBiases ? [biasesCell(record)] : []),
        inThousands(inSteps ? record.steps : record.epochs),
        ...(inSteps ? [inThousands(record.earlyStoppingStep ?? 0)] : []),
        record.engine,
        formatLoss(record.valLoss),
        ...run.tasks.flatMap(({ name }) => [
          formatAccuracy(record.valAccuracy[name]),
          ...(unbalanced.includes(name) ? [balancedCell(record, name)] : []),
          ...(hasTest ? [testCell(record, name)] : []),
        ]),
        inThousands(record.weights.active),
        inThousands(record.weights.inactive),
        inThousands(record.weights.zombie),
        threeDigits(densityOf(record.weights)),
        threeDigits(effectiveDensityOf(record.weights)),
        String(record.subnetworks),
        ...(hasUnused ? [unusedInputsCell(record, run.inputNames)] : []),
        ...measured.map(({ cells: own }) => own[row]),
      ];
      return element(
        "tr",
        { "aria-current": record.level === model.level ? "true" : undefined },
        ...cells.map((cell) => element("td", {}, cell)),
      );
    });
    const head = element("thead", {}, element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text))));
    const former = run.levels.some(({ lost }) => lost === undefined);
    note.textContent = [
      run.baselines ? `${capitalised(baselineLine(run.baselines))}.` : "",
      former
        ? "An older version stored no balanced accuracy and no lost tasks; there, winning was judged by accuracy alone."
        : "",
    ].join(" ");
    const record = run.levels[model.level];
    chance.replaceChildren(...(record?.nulls ? [nullTable(record.level, record.nulls)] : []));
    place.replaceChildren(element("table", {}, head, element("tbody", {}, ...rows)));
  });
  return root;
}
