import { densityOf } from "../../analysis/measures/density.ts";
import { effectiveDensityOf } from "../../analysis/measures/effective_density.ts";
import { formatAccuracy, formatLoss, inThousands, threeDigits } from "../../base/format.ts";
import { losses } from "../../loss/index.ts";
import { element } from "../page/dom.ts";
import type { Model } from "../page/model.ts";

/** The levels of the chosen run as a table: the numbers behind the charts. */
export function levelPanel(model: Model): HTMLElement {
  const place = element("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Levels" });
  const details = element(
    "details",
    {},
    element("summary", {}, element("h2", { style: "display:inline" }, "Levels in numbers")),
    place,
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
    const heads = [
      "level",
      "weights",
      "epochs",
      "engine",
      "loss",
      ...run.tasks.map(({ name, kind }) => `${losses.get(kind).scoreName} ${name}`),
      "active",
      "inactive",
      "zombie",
      "density",
      "effective density",
      "subnetworks",
      "state",
    ];
    const rows = run.levels.map((record) => {
      const cells = [
        String(record.level),
        inThousands(record.remaining),
        inThousands(record.epochs),
        record.engine,
        formatLoss(record.valLoss),
        ...run.tasks.map(({ name }) => formatAccuracy(record.valAccuracy[name])),
        inThousands(record.weights.active),
        inThousands(record.weights.inactive),
        inThousands(record.weights.zombie),
        threeDigits(densityOf(record.weights)),
        threeDigits(effectiveDensityOf(record.weights)),
        String(record.subnetworks),
        `${record.state}${record.winning ? "" : ", not winning"}`,
      ];
      return element(
        "tr",
        { "aria-current": record.level === model.level ? "true" : undefined },
        ...cells.map((cell) => element("td", {}, cell)),
      );
    });
    const head = element("thead", {}, element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text))));
    place.replaceChildren(element("table", {}, head, element("tbody", {}, ...rows)));
  });
  return root;
}
