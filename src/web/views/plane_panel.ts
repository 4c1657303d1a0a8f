import { element } from "../page/dom.ts";
import type { Model } from "../page/model.ts";
import type { Laboratory } from "../protocol.ts";
import { canvasDrawing } from "./canvas_drawing.ts";
import { figurePanel, type Panel } from "./figure.ts";
import { Latest } from "./latest.ts";
import { planeCanvas } from "./plane_view.ts";

/** What the network of the level looked at decides, where the tasks' inputs are planes. */
export function planePanel(model: Model, laboratory: Laboratory, failed: (error: unknown) => void): Panel {
  const planes = element("div", { class: "planes" });
  const panel = figurePanel("Decisions", "decisions", () => canvasDrawing(planes.querySelectorAll("canvas")));
  panel.body.append(planes);
  const pictures = new Latest<{ path: string; level: number }>(async ({ path, level }) => {
    const found = await laboratory.boundary(path, level);
    planes.replaceChildren(
      ...(found ?? []).map((picture, number) =>
        element(
          "figure",
          {},
          planeCanvas(picture, number, found?.length ?? 1),
          element("figcaption", {}, picture.task),
        ),
      ),
    );
    panel.caption.textContent = found
      ? `At the end of level ${level}; the other task's inputs rest at their means.`
      : "The trained weights of this level are not kept (keepTrained keeps them in the run folder).";
  }, failed);
  model.listen(() => {
    const { run, level } = model;
    const isPlane = run?.tasks.every(({ kind, inputs }) => kind === "binary" && inputs.count === 2);
    panel.root.hidden = !isPlane || !!model.ticket;
    if (!run || panel.root.hidden) return;
    // A level in training has decided nothing yet: the one before it is shown.
    const trained = Math.min(level, run.levels.length - 1);
    if (trained >= 0) pictures.want(`${run.path} ${trained}`, { path: run.path, level: trained });
    else {
      pictures.forget();
      planes.replaceChildren();
      panel.caption.textContent = "";
    }
  });
  return panel;
}
