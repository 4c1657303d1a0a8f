import { element, prefersStillness } from "../page/dom.ts";
import type { Model } from "../page/model.ts";
import type { Laboratory } from "../protocol.ts";
import { hasPlanes } from "../worker/boundary.ts";
import { canvasDrawing } from "./canvas_drawing.ts";
import { figurePanel, type Panel } from "./figure.ts";
import { Latest } from "./latest.ts";
import { planeCanvas } from "./plane_view.ts";

/** Least time from one picture of a level in training to the next. */
const liveMs = 250;
/** Most weights left in a network that is drawn while it trains: a picture takes the worker about 7 us per weight. */
const mostLiveWeights = 10_000;

/** The decisions of the network at the chosen level, for tasks of two inputs. */
export function planePanel(model: Model, laboratory: Laboratory, failed: (error: unknown) => void): Panel {
  const planes = element("div", { class: "planes" });
  const panel = figurePanel("Decisions", "decisions", () => canvasDrawing(planes.querySelectorAll("canvas")));
  panel.body.append(planes);
  const pictures = new Latest<{ path: string; level: number; isTraining: boolean }>(
    async ({ path, level, isTraining }) => {
      const found = await laboratory.boundary(path, level);
      // A level that has ended or was stopped in the meantime is not shown as in training.
      if (isTraining && (!found || model.run?.path !== path || model.run.now?.level !== level)) return;
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
        ? `${isTraining ? `Level ${level} as it trains` : `At the end of level ${level}`}; the inputs of the other tasks are at their means.`
        : "The trained weights of this level are not kept (keepTrained keeps them in the run folder).";
    },
    failed,
  );
  model.listen(() => {
    const { run, level } = model;
    const isPlane = run && hasPlanes(run.tasks);
    panel.root.hidden = !isPlane || !!model.ticket;
    if (!run || panel.root.hidden) return;
    const { path, now } = run;
    const isTraining = now?.level === level && now.steps > 0;
    if (isTraining && run.remaining[level] <= mostLiveWeights && !prefersStillness()) {
      const moment = Math.floor(performance.now() / liveMs);
      pictures.want(`${path} ${level} at ${moment}`, { path, level, isTraining });
      return;
    }
    // A level that has just started has no decisions yet: the one before it is shown.
    const trained = Math.min(level, run.levels.length - 1);
    if (trained >= 0) pictures.want(`${path} ${trained}`, { path, level: trained, isTraining: false });
    else {
      pictures.forget();
      planes.replaceChildren();
      panel.caption.textContent = "";
    }
  });
  return panel;
}
