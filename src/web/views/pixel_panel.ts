import { plural } from "../../base/format.ts";
import { element } from "../page/dom.ts";
import type { Model } from "../page/model.ts";
import type { Laboratory } from "../protocol.ts";
import { canvasDrawing } from "./canvas_drawing.ts";
import { figurePanel, type Panel } from "./figure.ts";
import { Latest } from "./latest.ts";
import { hasImages, pixelCanvases } from "./pixel_view.ts";

/** The heat map of connections per input pixel, if the inputs are images. */
export function pixelPanel(model: Model, laboratory: Laboratory, failed: (error: unknown) => void): Panel {
  const images = element("div", { class: "planes" });
  const panel = figurePanel("Connections per pixel", "pixels", () => canvasDrawing(images.querySelectorAll("canvas")));
  panel.body.append(images);
  const pictures = new Latest<{ path: string; level: number }>(async ({ path, level }) => {
    const drawn = pixelCanvases(await laboratory.inputUse(path, level));
    images.replaceChildren(
      ...drawn.map(({ task, canvas, most }) =>
        element("figure", {}, canvas, element("figcaption", {}, `${task}: up to ${plural(most, "active weight")}`)),
      ),
    );
    panel.caption.textContent = `Active weights that leave each pixel at level ${level}.`;
  }, failed);
  model.listen(() => {
    const { run, level, ticket } = model;
    const shown = ticket ?? (run && (run.now || run.levels.length > 0) ? run : undefined);
    panel.root.hidden = !shown || !hasImages(shown.tasks);
    if (!shown || panel.root.hidden) return;
    const at = ticket ? 0 : level;
    pictures.want(`${shown.path} ${at}`, { path: shown.path, level: at });
  });
  return panel;
}
