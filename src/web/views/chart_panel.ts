import type { Model } from "../page/model.ts";
import type { ChartInput } from "./charts.ts";
import { type Drawing, figurePanel, type Panel, svgDocument } from "./figure.ts";

/**
 * A panel whose chart is drawn anew when runs, level or width change.
 * @param describe the chart in words, for those who do not see it
 */
export function chartPanel(
  model: Model,
  title: string,
  name: string,
  draw: (input: ChartInput) => SVGSVGElement,
  describe: (input: ChartInput) => string,
): Panel {
  let chart: SVGSVGElement | undefined;
  const panel = figurePanel(title, name, (): Drawing | undefined => {
    if (!chart) return undefined;
    const [width, height] = [chart.clientWidth, chart.clientHeight];
    return { width, height, svg: svgDocument(width, height, new XMLSerializer().serializeToString(chart)) };
  });
  const update = () => {
    const { run, runs, level } = model;
    const width = panel.body.clientWidth;
    const isShown = run !== undefined && run.levels.length > 0 && !model.ticket && width > 0;
    panel.root.hidden = !isShown && !run;
    if (!isShown) {
      panel.body.replaceChildren();
      chart = undefined;
      return;
    }
    const input = { run, runs, level, width };
    chart = draw(input);
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", describe(input));
    panel.body.replaceChildren(chart);
  };
  model.listen(update);
  new ResizeObserver(() => model.changed()).observe(panel.body);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => model.changed());
  return panel;
}
