import { InputError } from "../../base/errors.ts";
import { formatBytes, plural } from "../../base/format.ts";
import { offeredImageSets } from "../../dataset/image_set_index.ts";
import { damagedText } from "../../lottery/damaged_text.ts";
import { capitalised } from "../../report/score_names.ts";
import { isRunFile } from "../../store/run_path.ts";
import { benchmarkTab } from "../benchmark/tab.ts";
import { callsTo } from "../calls.ts";
import type { LabEvent, Laboratory, Opened, TicketQuestions } from "../protocol.ts";
import { branchReport } from "../views/branch_report.ts";
import { chartPanel } from "../views/chart_panel.ts";
import { type ChartInput, degreeChart, lossChart, scoreChart, scoreNameOfRun, statesChart } from "../views/charts.ts";
import { saveFile } from "../views/figure.ts";
import { heroPanel } from "../views/hero.ts";
import { levelPanel } from "../views/level_table.ts";
import { pixelPanel } from "../views/pixel_panel.ts";
import { planePanel } from "../views/plane_panel.ts";
import { populationPanel } from "../views/population.ts";
import { stabilityReport } from "../views/stability_report.ts";
import { describeAdapter } from "./adapter.ts";
import { branchForm } from "./branch_form.ts";
import { byId } from "./dom.ts";
import { acceptDrops, type FileInFolder } from "./drop.ts";
import { Model, type RunView, runLabel } from "./model.ts";
import { plannedCoverage, readAddress, type Settings, writeAddress } from "./settings.ts";
import { SettingsForm } from "./settings_form.ts";
import { stabilityForm } from "./stability_form.ts";
import { studyPanel } from "./study_panel.ts";
import { tabs } from "./tabs.ts";
import { layersQuestion, tasksQuestion } from "./ticket_questions.ts";
import { transportBar } from "./transport.ts";

/** Assembles the page: settings and model here, all computation in a worker. */

const model = new Model();
const notice = byId("notice", HTMLElement);

/** Shows a notice at the top of the page; an empty text hides it. */
function say(text: string, isBad = false): void {
  notice.hidden = text === "";
  notice.textContent = text;
  notice.classList.toggle("bad", isBad);
}

function fail(error: unknown): void {
  say(error instanceof Error ? error.message : String(error), true);
}

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
worker.addEventListener("error", (event) =>
  fail(new Error(`the page's worker failed: ${event.message || "worker.js cannot be loaded"}`)),
);
const laboratory = callsTo<Laboratory, LabEvent>(worker, hear);

function hear(event: LabEvent): void {
  switch (event.kind) {
    case "loading":
      transport.say(`loading ${event.file}: ${formatBytes(event.loadedBytes)} of ${formatBytes(event.sizeBytes)}`);
      break;
    case "prepared":
      model.prepare(event.prepared);
      if (event.prepared.notices.length > 0) say(event.prepared.notices.join("\n"));
      if (model.phase === "preparing") model.setPhase(transport.isPaused ? "paused" : "running");
      break;
    case "run":
      model.hear(event.path, event.message);
      if (event.message.kind === "failed") fail(event.message.error);
      if (event.message.kind === "restarted") {
        say(`Seed ${event.message.seed}: ${event.message.cause}. Level ${event.message.level} is trained again.`);
      }
      if (event.message.kind === "damaged") say(`Seed ${event.message.seed}: ${damagedText(event.message)}`);
      if (event.message.kind === "checkpoint") say(`Seed ${event.message.seed}: ${event.message.text}.`);
      break;
    case "branches":
      model.hearStudy(event.progress);
      break;
    case "device-lost":
      say(
        `The device was lost (${event.message}). The runs continue from their last finished levels and checkpoints on a new device.`,
      );
      break;
    default:
      event satisfies never;
  }
}

const form = new SettingsForm(readAddress(location.hash), (settings: Settings) => {
  const address = writeAddress(settings);
  if (address === location.hash) form.show(settings);
  else location.hash = address;
});
byId("settings", HTMLElement).append(form.root);
addEventListener("hashchange", () => {
  form.show(readAddress(location.hash));
  preview();
});

/** Shows the network that the settings would train. */
function preview(): void {
  const planned = form.plan();
  model.setPlanned(planned instanceof InputError ? undefined : planned.request);
}

const transport = transportBar(model, {
  start: (isPaused) => start(isPaused),
  pause: () => laboratory.pause(),
  resume: () => laboratory.resume(),
  step: () => laboratory.step(),
  stop: () => laboratory.stop(),
  reset: async () => {
    await laboratory.reset();
    say("");
    model.reset();
  },
  archive: async () => saveFile("runs.zip", new Blob([await laboratory.archive()], { type: "application/zip" })),
  ticket: async (path, level, name) => saveFile(name, new Blob([await laboratory.ticket(path, level)])),
  graphml: async (path, level, name) =>
    saveFile(name, new Blob([await laboratory.graphml(path, level)], { type: "application/xml" })),
  open: (file) => open(file),
  openFolder: (name, files) => openFolder(name, files),
  failed: fail,
});
byId("transport", HTMLElement).replaceWith(transport.root);

async function start(isPaused: boolean): Promise<void> {
  const planned = form.plan();
  if (planned instanceof InputError) {
    fail(planned);
    return;
  }
  say("");
  model.setPhase("preparing");
  try {
    await laboratory.start(planned.request, isPaused);
  } catch (error) {
    fail(error);
  } finally {
    model.end();
  }
}

async function open(file: File): Promise<void> {
  try {
    say("");
    const bytes = new Uint8Array(await file.arrayBuffer());
    const coverage = plannedCoverage(form.plan());
    let asked: TicketQuestions = { coverage };
    let opened = await laboratory.openFile(file.name, bytes, asked);
    while (opened.kind === "layers-needed" || opened.kind === "tasks-needed") {
      const question = opened.kind === "layers-needed" ? layersQuestion(opened) : tasksQuestion(opened.shape);
      const answer = await transport.ask(question);
      if (answer === undefined) return;
      asked = { ...asked, [opened.kind === "layers-needed" ? "layers" : "tasks"]: answer };
      opened = await laboratory.openFile(file.name, bytes, asked);
    }
    if (opened.kind === "runs") showRuns(opened);
    else {
      model.openTicket(opened.ticket);
      say(opened.ticket.notes.join("\n"));
    }
  } catch (error) {
    fail(error);
  }
}

/** Shows opened runs; branches beside them are kept without being shown. */
function showRuns({ runs, branches }: Extract<Opened, { kind: "runs" }>): void {
  model.openRuns(runs);
  if (branches.length === 0) return;
  const kinds = [...new Set(branches.map(({ branch }) => branch?.kind))].join(", ");
  say(
    `Opened ${plural(runs.length, "run")} with branches (${kinds}): what Branches and Stability find there is read, not trained again.`,
  );
}

async function openFolder(name: string, files: readonly FileInFolder[]): Promise<void> {
  try {
    say("");
    const wanted = files.filter(({ path }) => isRunFile(path));
    const read = wanted.map(async ({ path, file }) => [path, new Uint8Array(await file.arrayBuffer())] as const);
    const opened = await laboratory.openFolder(name, await Promise.all(read));
    if (opened.kind === "runs") showRuns(opened);
  } catch (error) {
    fail(error);
  }
}
acceptDrops(byId("drop", HTMLElement), { open, openFolder, failed: fail });

byId("hero", HTMLElement).replaceWith(heroPanel(model, laboratory, fail).root);
const words =
  (what: string | ((run: RunView) => string)) =>
  ({ run, level }: ChartInput) =>
    `${typeof what === "string" ? what : what(run)} of ${runLabel(run)} over ${run.levels.length} levels, level ${level} marked; the numbers are in the table below`;
byId("figures", HTMLElement).append(
  populationPanel(model),
  planePanel(model, laboratory, fail).root,
  pixelPanel(model, laboratory, fail).root,
  chartPanel(model, "Loss", "loss", lossChart, words("Training and validation loss")).root,
  chartPanel(
    model,
    (run) => (run ? capitalised(scoreNameOfRun(run)) : "Score"),
    "score",
    scoreChart,
    words((run) => `Validation ${scoreNameOfRun(run)} by task, dashed the baselines at or below which a task is lost,`),
  ).root,
  chartPanel(model, "Weights by state", "states", statesChart, words("Active, inactive and zombie weights")).root,
  chartPanel(model, "Degree of separation", "degree", degreeChart, words("Degree of separation by layer")).root,
);
byId("numbers", HTMLElement).replaceWith(
  levelPanel(model),
  studyPanel(
    model,
    laboratory,
    {
      name: "branches",
      title: "Branches: what the tickets are worth",
      text: "Trains levels again, each with one thing changed, and compares them with the ticket. Branches are runs beside the runs: Save runs has them too.",
      action: "Train branches",
      form: branchForm(),
      plan: laboratory.branchesPlan,
      train: laboratory.branches,
      show: branchReport,
    },
    () => form.place(),
    fail,
  ),
  studyPanel(
    model,
    laboratory,
    {
      name: "stability",
      title: "Stability: whether copies of a ticket are connected",
      text: "Trains copies of each ticket in other orders of the samples and evaluates networks on the line between every two of them. The copies are branches of the kind order.",
      action: "Measure stability",
      form: stabilityForm(),
      plan: laboratory.stabilityPlan,
      train: laboratory.stability,
      show: stabilityReport,
    },
    () => form.place(),
    fail,
  ),
);
byId("benchmark", HTMLElement).append(benchmarkTab(fail));
tabs(["watch", "benchmark"], () => model.changed());
// The address holds the settings, so links within the page must not change it.
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const target = document.querySelector<HTMLElement>(link.hash);
    target?.scrollIntoView();
    target?.focus({ preventScroll: true });
  });
}
preview();
void offeredImageSets(new URL(".", import.meta.url)).then((offered) => form.showImageSets(offered), fail);
// Every control works from here on; a test bounds the time.
performance.mark("ready");
void laboratory.adapter().then((adapter) => describeAdapter(byId("adapter", HTMLElement), adapter, say), fail);
