import { onTheme } from "../page/dom.ts";
import type { Model, RunView } from "../page/model.ts";
import type { ChartInput } from "./charts.ts";
import { type Drawing, figurePanel, type Panel, svgDocument } from "./figure.ts";

/** Least time between two drawings of a chart: in a population, a level ends every few frames. */
const restMs = 1000;
/** Least time between drawings of two charts: all of them in one frame would make it long. */
const turnMs = 100;
/** Earliest time of the next drawing of any chart. */
let nextTurn = 0;

/**
 * A panel with a chart, which is redrawn when runs, level or width change.
 * @param title one for all runs, or the title for the chosen run
 * @param name of the files
 * @param describe the chart in words, for screen readers
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
  /** Key of what was drawn. Messages of progress come ten times a second and do not change it. */
  let drawn = "";
  /** Key of the visitor's choice, whose changes are drawn at once. */
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
    // The chart is one image with one name. Screen readers would read its labelled parts as unnamed groups.
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
