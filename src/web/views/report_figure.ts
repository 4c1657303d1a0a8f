import type { Figure } from "../../report/figure.ts";
import { element } from "../page/dom.ts";
import { figurePanel } from "./figure.ts";

/**
 * A figure as the command line draws it, in the colours of the page; its files have its own.
 * @param heading of the panel, which also names the buttons that save the figure
 */
export function reportFigure(heading: string, { id, title, caption, svg }: Figure): HTMLElement {
  const drawn = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  const [width, height] = ["width", "height"].map((name) => Number(drawn.getAttribute(name)));
  const panel = figurePanel(heading, id, () => ({ svg, width, height }));
  panel.body.append(
    element(
      "div",
      { class: "report-figure", tabindex: 0, role: "region", "aria-label": title },
      document.importNode(drawn, true),
    ),
  );
  panel.caption.textContent = caption;
  return panel.root;
}
