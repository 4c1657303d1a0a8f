import { plural } from "../../base/format.ts";
import { winningWords } from "../../report/lost_tasks.ts";
import { ticketNote } from "../../report/reported_run.ts";
import { capitalised } from "../../report/score_names.ts";
import { element } from "../page/dom.ts";
import { type Model, type RunView, runLabel, separatedAt } from "../page/model.ts";
import { stateLetters } from "../page/state_letters.ts";

/** Most separated runs that the summary names. */
const mostNamed = 4;

/** The population: a button for each run, with the colour and letter of its outcome, or of its state so far. */
export function populationPanel(model: Model): HTMLElement {
  const cells = element("div", { class: "cells", role: "group", "aria-label": "Runs" });
  const summary = element("p", { class: "caption", role: "status" });
  const root = element("section", { class: "panel panel-population" }, element("h2", {}, "Population"), cells, summary);
  let buttons: { run: RunView; button: HTMLButtonElement }[] = [];
  model.listen(() => {
    root.hidden = model.runs.length === 0 || !!model.ticket;
    if (buttons.length !== model.runs.length || buttons.some(({ run }, i) => run !== model.runs[i])) {
      buttons = model.runs.map((run) => ({
        run,
        button: element("button", { type: "button", class: "cell", onclick: () => model.select(run) }),
      }));
      cells.replaceChildren(...buttons.map(({ button }) => button));
    }
    for (const { run, button } of buttons) describeCell(run, button, run === model.run);
    const done = model.runs.filter(({ outcome }) => outcome).length;
    const separated = model.runs.flatMap((run) => {
      const record = separatedAt(run);
      return record ? [`${runLabel(run)} at level ${record.level}${ticketNote(record)}`] : [];
    });
    summary.textContent = `${done} of ${plural(model.runs.length, "run")} ended, ${separated.length} separated${separated.length > 0 ? ` (${separated.slice(0, mostNamed).join("; ")}${separated.length > mostNamed ? "; .." : ""})` : ""}. S separated, D separated then degraded, X degraded, I interconnected, F fragmented.`;
  });
  return root;
}

function describeCell(run: RunView, button: HTMLButtonElement, isChosen: boolean): void {
  const state = run.outcome ?? run.levels.at(-1)?.state;
  const isTraining = run.now !== undefined;
  button.className = `cell ${state ?? ""} ${isTraining ? "in-training" : ""}`;
  button.setAttribute("aria-pressed", String(isChosen));
  const level = run.now?.level ?? Math.max(0, run.levels.length - 1);
  const progress = run.outcome ? "ended" : isTraining ? "in training" : run.levels.length > 0 ? "stopped" : "waiting";
  const separated = separatedAt(run);
  const ticket = separated ? ` (${winningWords(separated, run.levels)} at level ${separated.level})` : "";
  const words = `${capitalised(runLabel(run))}: ${state ?? "no level yet"}${ticket}, level ${level}, ${progress}`;
  if (button.title === words) return;
  button.title = words;
  const letter = element("b", { "aria-hidden": "true" }, state ? stateLetters[state] : "·");
  const short = (text: string) => element("span", { "aria-hidden": "true" }, text);
  button.replaceChildren(
    element("span", { class: "spoken" }, words),
    letter,
    short(String(run.seed)),
    short(`L${level}`),
  );
}
