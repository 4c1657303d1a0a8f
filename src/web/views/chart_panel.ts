import { onTheme } from "../page/dom.ts";
import type { Model, RunView } from "../page/model.ts";
import type { ChartInput } from "./charts.ts";
import { type Drawing, figurePanel, type Panel, svgDocument } from "./figure.ts";

/** Time between two drawings of a chart while a population trains: there a level ends every few frames. */
const restMs = 1000;
/** Time between drawings of two charts: all in one frame would make it a long one. */
const turnMs = 100;
/** When the next chart may be drawn. */
let nextTurn = 0;

/**
 * A panel whose chart is drawn anew when runs, level or width change.
 * @param title one for all runs, or the title for the chosen run
 * @param name of the files
 * @param describe the chart in words, for those who do not see it
 */
export function chartPanel(
  model: Model,
  title: string | ((run: RunView | undefined) => string),
  name: string,
  draw: (input: ChartInput) => SVGSVGElement,
  describe: (input: ChartInput) => string,
): Panel {
  let chart: SVGSVGElement | undefined;
  const titleOf = typeof title === "string" ? () => title : title;
  const panel = figurePanel(titleOf(undefined), name, (): Drawing | undefined => {
    if (!chart) return undefined;
    const [width, height] = [chart.clientWidth, chart.clientHeight];
    return { width, height, svg: svgDocument(width, height, new XMLSerializer().serializeToString(chart)) };
  });
  /** What the chart was drawn from: words of progress come ten times a second and change none of it. */
  let drawn = "";
  /** What someone chose to look at: that is drawn at once. */
  let chosen = "";
  let wake: ReturnType<typeof setTimeout> | undefined;
  let restsUntil = 0;
  const update = () => {
    const { run, runs, level } = model;
    const width = panel.body.clientWidth;
    const choice = `${run?.path} ${model.isFollowing ? "" : level} ${width} ${model.ticket?.path}`;
    const wanted = `${choice} ${level} ${runs.map(({ path, levels }) => `${path} ${levels.length}`)}`;
    if (wanted === drawn) return;
    const now = performance.now();
    const waitMs = Math.max(restsUntil, nextTurn) - now;
    if (choice === chosen && waitMs > 0) {
      clearTimeout(wake);
      wake = setTimeout(() => model.changed(), waitMs);
      return;
    }
    drawn = wanted;
    chosen = choice;
    restsUntil = now + restMs;
    nextTurn = now + turnMs;
    const isShown = run !== undefined && run.levels.length > 0 && !model.ticket && width > 0;
    panel.root.hidden = !isShown && !run;
    if (!isShown) {
      panel.body.replaceChildren();
      chart = undefined;
      return;
    }
    const input = { run, runs, level, width };
    chart = draw(input);
    panel.retitle(titleOf(run));
    // One picture with one name: the parts that the library names would be read out as nameless groups.
    for (const part of chart.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", describe(input));
    panel.body.replaceChildren(chart);
  };
  model.listen(update);
  new ResizeObserver(() => model.changed()).observe(panel.body);
  onTheme(() => {
    drawn = "";
    model.changed();
  });
  return panel;
}
