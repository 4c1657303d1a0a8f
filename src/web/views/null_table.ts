import { plural, threeDigits } from "../../base/format.ts";
import { formatStatistic, modelLines } from "../../report/null_words.ts";
import type { NullRecord } from "../../store/null_record.ts";
import { element } from "../page/dom.ts";

/** A level's ticket among masks by chance: a row for each statistic, a column for each null model with p and its interval. */
export function nullTable(level: number, nulls: NullRecord): HTMLElement {
  const models = Object.entries(nulls.models).filter(([, { impossible }]) => impossible === undefined);
  const cell = (name: string, of: (typeof models)[number][1]) => {
    const found = of.statistics[name];
    if (!found || found.p === null) return "none";
    return `p ${threeDigits(found.p)} (${threeDigits(found.low ?? 0)} to ${threeDigits(found.high ?? 1)})`;
  };
  const observed = (name: string) => formatStatistic(models[0]?.[1].statistics[name]?.observed);
  const names = Object.keys(models[0]?.[1].statistics ?? {});
  const rows = names.map((name) => [name, observed(name), ...models.map(([, model]) => cell(name, model))]);
  const heads = ["statistic", "ticket", ...models.map(([model]) => model)];
  const lines = Object.entries(nulls.models).flatMap(([model, result]) => modelLines(model, result));
  return element(
    "div",
    {},
    element("h3", {}, `Level ${level} among masks by chance`),
    element(
      "p",
      { class: "caption" },
      `${plural(nulls.masks, "mask")} of each null model; p with its 95 % interval. ${lines.map((line) => `${line}.`).join(" ")}`,
    ),
    ...(models.length > 0
      ? [
          element(
            "div",
            { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Null models" },
            element(
              "table",
              {},
              element("thead", {}, element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)))),
              element(
                "tbody",
                {},
                ...rows.map((row) => element("tr", {}, ...row.map((text) => element("td", {}, text)))),
              ),
            ),
          ),
        ]
      : []),
  );
}
