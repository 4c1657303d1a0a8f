import { formatBytes, plural } from "../../base/format.ts";
import { levelName } from "../../store/run_path.ts";
import { element } from "./dom.ts";
import type { FileInFolder } from "./drop.ts";
import type { Model } from "./model.ts";
import { type Question, questionDialog } from "./question_dialog.ts";

/** Handlers of the buttons. */
export interface TransportActions {
  start(isPaused: boolean): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  step(): Promise<void>;
  stop(): Promise<void>;
  reset(): Promise<void>;
  archive(): Promise<void>;
  ticket(path: string, level: number, name: string): Promise<void>;
  graphml(path: string, level: number, name: string): Promise<void>;
  open(file: File): Promise<void>;
  openFolder(name: string, files: readonly FileInFolder[]): Promise<void>;
  failed(error: unknown): void;
}

/** The bar of buttons: start, pause, step, stop, reset; open and save. */
export interface Transport {
  readonly root: HTMLElement;
  /** Whether the visitor wants the experiment to pause. */
  readonly isPaused: boolean;
  /** Shows a text while the experiment is being prepared. */
  say(text: string): void;
  /** Asks for what a ticket's file does not tell; undefined when the visitor declines. */
  ask(question: Question): Promise<string | undefined>;
}

export function transportBar(model: Model, actions: TransportActions): Transport {
  let isPaused = false;
  let preparing = "";
  const button = (label: string, act: () => Promise<void>, kind = "") =>
    element("button", { type: "button", class: kind, onclick: () => void act().catch(actions.failed) }, label);

  const start = button(
    "Start",
    async () => {
      isPaused = false;
      if (model.isRunning) {
        model.setPhase("running");
        await actions.resume();
      } else await actions.start(false);
    },
    "primary",
  );
  const pause = button("Pause", async () => {
    isPaused = true;
    model.setPhase("paused");
    await actions.pause();
  });
  const step = button("Step one level", async () => {
    if (model.isRunning) await actions.step();
    else {
      isPaused = true;
      const ended = actions.start(true);
      await actions.step();
      await ended;
    }
  });
  const stop = button("Stop", async () => {
    model.setPhase("stopping");
    await actions.stop();
  });
  const reset = button("Reset", actions.reset);

  const status = element("p", { class: "status", role: "status" });
  const picker = element("input", {
    type: "file",
    accept: ".zip,.safetensors,.json",
    hidden: true,
    "aria-label": "Archive or ticket",
    onchange: () => {
      const file = picker.files?.[0];
      picker.value = "";
      if (file) void actions.open(file);
    },
  });
  const folderPicker = element("input", {
    type: "file",
    webkitdirectory: true,
    hidden: true,
    "aria-label": "Folder of runs",
    onchange: () => {
      const files = [...(folderPicker.files ?? [])].map((file) => ({ path: file.webkitRelativePath, file }));
      folderPicker.value = "";
      if (files.length > 0) void actions.openFolder(files[0].path.split("/")[0], files);
    },
  });
  const openFile = button("Open file", async () => picker.click());
  openFile.title = "a zip file of run folders, or a ticket as safetensors or masks as JSON; or drop it on the page";
  const openFolder = button("Open folder", async () => folderPicker.click());
  openFolder.title = "run folders of split-ticket run; or drop them on the page";
  const archive = button("Save runs", actions.archive);
  const shown = () => model.ticket?.path ?? model.run?.path;
  const stem = () =>
    model.ticket
      ? model.ticket.path.replace(/\.safetensors$/i, "")
      : model.run
        ? levelName(model.run.name, model.run.seed, model.level)
        : "";
  const ticket = button("Save ticket", async () => {
    const path = shown();
    if (path) await actions.ticket(path, model.level, `${stem()}.safetensors`);
  });
  const graphml = button("Save graph", async () => {
    const path = shown();
    if (path) await actions.graphml(path, model.level, `${stem()}.graphml`);
  });
  graphml.title = "GraphML, for NetworkX, Gephi or yEd";
  ticket.title = "mask and initial weights of the level shown, as safetensors";
  archive.title = "all run folders in one zip file, as split-ticket run writes them";
  const dialog = questionDialog();
  const root = element(
    "div",
    { class: "transport", role: "toolbar", "aria-label": "Experiment" },
    start,
    pause,
    step,
    stop,
    reset,
    status,
    element("div", { class: "files" }, openFile, openFolder, archive, ticket, graphml, picker, folderPicker),
    dialog.root,
  );

  const update = () => {
    const { phase, isBusy, isRunning } = model;
    start.textContent = phase === "paused" ? "Resume" : "Start";
    const mayStart = (phase === "idle" && !isBusy) || phase === "paused";
    start.disabled = step.disabled = !mayStart;
    pause.disabled = phase !== "running" && phase !== "preparing";
    stop.disabled = !isRunning || phase === "stopping";
    reset.disabled = isBusy || (model.runs.length === 0 && !model.ticket);
    openFile.disabled = openFolder.disabled = isBusy;
    archive.disabled = !model.runs.some(({ levels }) => levels.length > 0);
    const hasLevel = model.ticket !== undefined || (model.run?.levels.length ?? 0) > 0;
    ticket.disabled = !hasLevel;
    graphml.disabled = !hasLevel;
    status.textContent = statusOf(model, preparing);
  };
  model.listen(update);
  update();
  return {
    root,
    get isPaused() {
      return isPaused;
    },
    say: (text) => {
      preparing = text;
      model.changed();
    },
    ask: dialog.ask,
  };
}

function statusOf({ phase, prepared, runs, study }: Model, preparing: string): string {
  if (study) return `${study.name} in training: progress and Stop are below`;
  if (phase === "preparing") return preparing || "preparing …";
  if (phase === "stopping") return "stopping …";
  if (!prepared) return runs.length > 0 ? plural(runs.length, "run") : "";
  const training = runs.filter(({ now }) => now).length;
  const where = `${prepared.engine} engine on ${prepared.executor}, ${formatBytes(prepared.memoryBytes)}`;
  if (phase === "paused") {
    if (training === 0) return `paused (${where})`;
    return `pausing: ${plural(training, "network")} ${training === 1 ? "finishes its" : "finish their"} level first (${where})`;
  }
  if (phase === "running") return `${plural(training, "network")} in training: ${where}`;
  const done = runs.filter(({ outcome }) => outcome).length;
  // Training is deterministic: what failed by itself would fail again.
  const failed = runs.filter((run) => run.failed).length;
  const but = failed > 0 ? `, but ${plural(failed, "run")} failed` : "";
  if (done + failed === runs.length) return `done${but}: ${where}`;
  return `stopped${but}: Start continues from the last finished levels`;
}
