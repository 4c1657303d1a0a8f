import { formatLoss, inThousands, plural } from "../../base/format.ts";
import { formatShape } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import { winningWords } from "../../report/lost_tasks.ts";
import { unusedInputsWords } from "../../report/unused_inputs.ts";
import { element } from "../page/dom.ts";
import { type Model, runLabel, separatedAt } from "../page/model.ts";
import type { ExperimentRequest, Laboratory, OpenedTicket } from "../protocol.ts";
import type { NetworkPicture, Side } from "../worker/picture.ts";
import { kindColour, kindName } from "./colours.ts";
import { figurePanel, type Panel } from "./figure.ts";
import { Latest } from "./latest.ts";
import { NetworkView } from "./network_view.ts";

/** `by output coverage, as the ticket says`: the coverage that decided a ticket's state, and its source. */
function coverageWords({ coverage, coverageSource }: OpenedTicket): string {
  const source = { ticket: "as the ticket says", run: "as the open run of its shape", settings: "as set on this page" };
  return `by ${coverage} coverage, ${source[coverageSource]}`;
}

/** The panel of the network: the drawing, facts of the level, and the slider of the levels. */
export function heroPanel(model: Model, laboratory: Laboratory, failed: (error: unknown) => void): Panel {
  const canvas = element("canvas", { id: "network", role: "img", tabindex: -1 });
  const view = new NetworkView(canvas);
  const panel = figurePanel("Network", "network", () => view.drawing());
  const chip = element("span", { class: "chip" });
  const facts = element("span", { class: "grow" });
  const side = element(
    "select",
    { onchange: () => model.changed() },
    element("option", { value: "outputs" }, "the outputs it leads to"),
    element("option", { value: "inputs" }, "the inputs it comes from"),
  );
  const head = element("div", { class: "network-head" }, chip, facts, element("label", {}, "Colour by", side));
  const legend = element("ul", { class: "legend" });
  const welcome = element(
    "p",
    { class: "welcome" },
    "One network, all tasks at once. Each level trains it, prunes its smallest weights and resets the others to their initial values. Press Start and watch whether the remaining network splits into one subnetwork per task.",
  );
  const slider = element("input", {
    type: "range",
    min: 0,
    max: 0,
    step: 1,
    id: "level",
    "aria-label": "Level",
    oninput: () => model.lookAt(Number(slider.value)),
  });
  const star = element("span", { class: "star", hidden: true, "aria-hidden": "true" }, "★");
  const output = element("output", { for: "level" });
  const live = element(
    "button",
    { type: "button", class: "quiet", onclick: () => model.lookAt(Number.POSITIVE_INFINITY) },
    "Newest",
  );
  const time = element("div", { class: "time" }, output, element("div", { class: "track" }, slider, star), live);
  panel.body.append(head, welcome, canvas);
  panel.root.append(time);
  panel.caption.replaceWith(legend, panel.caption);

  const describe = (picture: NetworkPicture, tasks: readonly Task[]) => {
    const { weights, kept, shape, neuronsPerPoint } = picture;
    const counts = weights.flatMap((count, kind) =>
      count > 0 ? [`${inThousands(count)} ${kindName(kind, tasks)}`] : [],
    );
    legend.replaceChildren(
      ...weights.flatMap((count, kind) => {
        if (count === 0 && kind !== tasks.length) return [];
        const swatch = element("i", { class: kind > tasks.length ? "dashed" : "" });
        swatch.style.borderColor = kindColour(kind, tasks.length);
        return [element("li", {}, swatch, `${kindName(kind, tasks)} ${inThousands(count)}`)];
      }),
    );
    canvas.setAttribute(
      "aria-label",
      `Network ${formatShape(shape)}, ${plural(kept, "weight")} left: ${counts.join(", ")}`,
    );
    panel.caption.textContent =
      neuronsPerPoint > 1
        ? `A density picture: a point is up to ${neuronsPerPoint} neurons, a line is all weights between two points; the stronger the line, the more of them are left.`
        : "Every line is a weight: the larger, the thicker. Undecided weights serve several tasks.";
  };

  const previews = new Latest<{ planned: ExperimentRequest; side: Side }>(async ({ planned, side }) => {
    const preview = await laboratory.preview(planned, side);
    if (model.runs.length > 0 || model.ticket) return;
    canvas.hidden = legend.hidden = !preview;
    if (!preview) return;
    view.show(preview.picture, preview.tasks);
    describe(preview.picture, preview.tasks);
  }, failed);
  const pictures = new Latest<{ path: string; level: number; side: Side; tasks: readonly Task[] }>(
    async ({ path, level, side, tasks }) => {
      const picture = await laboratory.picture(path, level, side);
      view.show(picture, tasks);
      describe(picture, tasks);
    },
    failed,
  );

  model.listen(() => {
    const { run, ticket, level } = model;
    const hasNetwork = ticket !== undefined || (run !== undefined && (run.levels.length > 0 || run.now !== undefined));
    welcome.hidden = hasNetwork;
    head.hidden = !hasNetwork;
    time.hidden = !run || !!ticket || !hasNetwork;
    if (!hasNetwork) {
      pictures.forget();
      const { planned } = model;
      if (planned) previews.want(JSON.stringify([planned, side.value]), { planned, side: side.value as Side });
      return;
    }
    previews.forget();
    canvas.hidden = legend.hidden = false;
    const chosen = side.value as Side;
    if (ticket) {
      pictures.want(`ticket ${ticket.path} ${chosen}`, {
        path: ticket.path,
        level: 0,
        side: chosen,
        tasks: ticket.tasks,
      });
      chip.className = `chip ${ticket.state}`;
      chip.textContent = ticket.state;
      facts.textContent = `${ticket.path}: ${plural(ticket.subnetworks, "subnetwork")}, ${inThousands(ticket.weights.active)} of ${plural(ticket.remaining, "weight")} active; ${coverageWords(ticket)}`;
      return;
    }
    if (!run) return;
    const record = run.levels[level];
    pictures.want(`${run.path} ${level} ${chosen} ${record ? "trained" : ""}`, {
      path: run.path,
      level,
      side: chosen,
      tasks: run.tasks,
    });
    chip.className = `chip ${record?.state ?? ""}`;
    chip.textContent = record?.state ?? "in training";
    const now = run.now?.level === level ? run.now : undefined;
    facts.textContent = record
      ? `${runLabel(run)}: ${plural(record.remaining, "weight")} left, ${inThousands(record.weights.active)} active in ${plural(record.subnetworks, "subnetwork")}, ${[winningWords(record, run.levels), unusedInputsWords(record, run.inputNames)].filter(Boolean).join("; ")}`
      : `${runLabel(run)}: ${plural(run.remaining[level], "weight")} left, epoch ${inThousands(now?.epochs ?? 0)}, step ${inThousands(now?.steps ?? 0)}${now && Number.isFinite(now.valLoss) ? `, loss ${formatLoss(now.valLoss)}` : ""}`;
    const last = run.remaining.length - 1;
    slider.max = String(model.newestLevel);
    slider.value = String(level);
    slider.disabled = model.newestLevel === 0;
    output.textContent = `level ${level} of ${last}`;
    slider.setAttribute(
      "aria-valuetext",
      `level ${level}, ${record?.state ?? "in training"}, ${plural(run.remaining[level], "weight")}`,
    );
    live.disabled = model.isFollowing;
    const separated = separatedAt(run);
    star.hidden = !separated || model.newestLevel === 0;
    if (separated) {
      // The middle of the thumb moves from half its width to half its width before the end.
      const share = separated.level / Math.max(1, model.newestLevel);
      star.style.left = `calc(8px + ${share} * (100% - 16px))`;
      star.title = `separated at level ${separated.level}, ${winningWords(separated, run.levels)}`;
    }
  });
  return panel;
}
