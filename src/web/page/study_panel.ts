import { inThousands, plural } from "../../base/format.ts";
import type { BranchesPlan, BranchUse, DeviceChoice, EngineChoice, FailedBranch, Laboratory } from "../protocol.ts";
import { Latest } from "../views/latest.ts";
import { element } from "./dom.ts";
import { labelled, markRight, markWrong } from "./labelled.ts";
import { type Model, type RunView, runLabel, type StudyNow } from "./model.ts";
import { selectOptions } from "./select_options.ts";
import { experimentOf, leftOut, namesOf, studiedRuns } from "./studied_runs.ts";
import { studyFieldAtFault, withoutDashes } from "./study_faults.ts";
import { FieldError, type StudyForm } from "./study_form.ts";

/** What is asked of the worker: runs, where to train, and what the form says. */
interface StudyRequest<Choice> {
  readonly paths: readonly string[];
  readonly device: DeviceChoice;
  readonly engine: EngineChoice;
  readonly choice: Choice;
}

/** What every report has. */
interface StudyReport {
  readonly failed: readonly FailedBranch[];
}

/** Something that can be trained from stored runs. */
export interface Study<Choice, Report extends StudyReport> {
  readonly name: StudyNow["name"];
  readonly title: string;
  /** What it tells, in a sentence or two. */
  readonly text: string;
  /** Label of the button that trains. */
  readonly action: string;
  readonly form: StudyForm<Choice>;
  plan(request: StudyRequest<Choice>): Promise<BranchesPlan>;
  /** Trains; undefined if it was stopped. */
  train(request: StudyRequest<Choice>): Promise<Report | undefined>;
  /**
   * The report as elements.
   * @param of names the runs: `moons-circles, seeds 0, 1`
   */
  show(report: Report, of: string): readonly HTMLElement[];
}

/**
 * A panel that trains something from the runs that are shown: from all of the experiment, or from the chosen one. It is shown
 * while there are finished levels and no experiment is in progress.
 * @param place device and engine of the settings; throws InputError
 */
export function studyPanel<Choice, Report extends StudyReport>(
  model: Model,
  laboratory: Pick<Laboratory, "branchUse" | "stop">,
  study: Study<Choice, Report>,
  place: () => { readonly device: DeviceChoice; readonly engine: EngineChoice },
  failed: (error: unknown) => void,
): HTMLElement {
  const { name, form } = study;
  const outlookId = `${name}-outlook`;
  const runs = element("select", { id: `${name}-runs` });
  const problem = element("p", { class: "outlook bad", hidden: true });
  const outlook = element("p", { class: "outlook", role: "status", id: outlookId });
  const start = element("button", { type: "submit", class: "primary" }, study.action);
  const stop = element("button", { type: "button", onclick: () => void end() }, "Stop");
  const status = element("p", { class: "status", role: "status" });
  const bar = element("progress", { "aria-label": "Levels trained", max: 1, value: 0 });
  const count = element("span", { class: "caption" });
  const progress = element("div", { class: "study-progress", hidden: true }, bar, count);
  const notes = element("p", { class: "caption lines" });
  const result = element("div", { class: "study-result" });
  const fields = element(
    "fieldset",
    { class: "study-fields" },
    element("legend", { class: "spoken" }, study.title),
    labelled("Runs", runs, "trained where the runs were, unless “Where it computes” names a device or an engine"),
    ...form.parts,
  );
  const controls = element(
    "form",
    {
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        void train();
      },
      oninput: () => model.changed(),
      onchange: () => model.changed(),
    },
    fields,
    outlook,
    element("div", { class: "study-actions" }, start, stop, status),
    progress,
    notes,
  );
  const details = element(
    "details",
    { ontoggle: () => model.changed() },
    element("summary", {}, element("h2", { style: "display:inline" }, study.title)),
    element("p", { class: "caption" }, study.text),
    problem,
    controls,
    result,
  );
  const root = element("section", { class: `panel study study-${name}` }, details);

  let use: (BranchUse & { readonly path: string }) | undefined;
  /** What the form says now, so that an answer on what it said before is passed over. */
  let said = "";
  /** The run that the result is of; another run of the same name is another. */
  let resultOf: RunView | undefined;

  const uses = new Latest<string>(async (path) => {
    use = { path, ...(await laboratory.branchUse(path)) };
    model.changed();
  }, failed);
  const plans = new Latest<{ readonly key: string; readonly asked: StudyRequest<Choice> }>(async ({ key, asked }) => {
    const planned = await study.plan(asked).catch((error: unknown) => error);
    if (key === said) tell(isPlan(planned) ? planText(planned) : planned);
  }, failed);

  /** Shows what would be trained, or what is wrong, at the field where it is. */
  function tell(what: unknown): void {
    for (const input of form.inputs.values()) markRight(input);
    const isWrong = typeof what !== "string";
    outlook.classList.toggle("bad", isWrong);
    outlook.textContent = isWrong ? withoutDashes(messageOf(what)) : what;
    if (!isWrong) return;
    const from = form.inputs.get("from")?.value;
    const field = what instanceof FieldError ? what.field : studyFieldAtFault(messageOf(what), from);
    const input = field && form.inputs.get(field);
    if (input) markWrong(input, outlookId);
  }

  const chosenRuns = () => {
    const all = studiedRuns(model);
    return runs.value === "one" ? all.filter((run) => run === model.run) : all;
  };
  /** @throws InputError when a text cannot be read */
  const request = (): StudyRequest<Choice> => ({
    paths: chosenRuns().map(({ path }) => path),
    ...place(),
    choice: form.choice(),
  });

  async function train(): Promise<void> {
    if (start.disabled || model.isBusy) return;
    const studied = chosenRuns();
    try {
      const asked = request();
      model.setStudy({ name, progress: undefined, isStopping: false });
      result.replaceChildren();
      resultOf = undefined;
      status.classList.remove("bad");
      status.textContent = "in training";
      stop.disabled = false;
      // The button that was pressed cannot be pressed now, so the keyboard goes on from the other.
      if (document.activeElement === start) stop.focus();
      const report = await study.train(asked);
      if (report) {
        result.replaceChildren(...study.show(report, namesOf(studied)));
        resultOf = studied[0];
      }
      status.textContent = report
        ? `done${report.failed.length > 0 ? `, but ${report.failed.length} failed` : ""}`
        : `stopped; ${study.action} goes on from the last finished levels`;
    } catch (error) {
      status.classList.add("bad");
      status.textContent = withoutDashes(messageOf(error));
    } finally {
      start.disabled = false;
      if (document.activeElement === stop) start.focus();
      model.setStudy(undefined);
    }
  }

  async function end(): Promise<void> {
    if (!model.study || model.study.isStopping) return;
    status.textContent = "stopping …";
    model.setStudy({ ...model.study, isStopping: true });
    await laboratory.stop().catch(failed);
  }

  model.listen(() => {
    const { run, study: now } = model;
    const isOwn = now?.name === name;
    const isOffered = studiedRuns(model).length > 0 && !model.ticket && !model.isRunning;
    root.hidden = !isOwn && !isOffered;
    if (!run || root.hidden) {
      if (model.runs.length === 0) forget();
      return;
    }
    if (resultOf && !model.runs.includes(resultOf)) forget();
    result.hidden = resultOf !== undefined && experimentOf(resultOf) !== experimentOf(run);
    // It keeps the keyboard while the training ends.
    stop.disabled = !isOwn;
    start.disabled = now !== undefined || !use || use.path !== studiedRuns(model)[0]?.path || use.problem !== undefined;
    fields.disabled = now !== undefined;
    progress.hidden = !isOwn;
    notes.textContent = isOwn ? (now.progress?.notes ?? []).join("\n") : notes.textContent;
    if (isOwn) showProgress(now);
    if (!details.open || now) return;
    update(run);
  });

  function showProgress({ progress: now }: StudyNow): void {
    bar.max = Math.max(1, now?.levels ?? 0);
    bar.value = now?.done ?? 0;
    count.textContent = now
      ? now.done === now.levels && name === "stability"
        ? "measuring the lines"
        : `${inThousands(now.done)} of ${plural(now.levels, "level")}`
      : "preparing …";
  }

  /** Shows what can be made of the runs. */
  function update(run: RunView): void {
    const all = studiedRuns(model);
    // All seeds have one spec, which decides.
    const [{ path, levels }] = all;
    const without = leftOut(model);
    const rest = without === 0 ? "" : ` (${without} without a finished level left out)`;
    selectOptions(runs, [
      ["all", `${run.name}: ${all.length === 1 ? runLabel(run) : `all ${all.length} seeds`}${rest}`],
      ...(all.length > 1 && all.includes(run) ? [["one", `${runLabel(run)} alone`] as const] : []),
    ]);
    uses.want(`${path} ${levels.length}`, path);
    if (use?.path !== path) return;
    problem.hidden = use.problem === undefined;
    controls.hidden = !problem.hidden;
    problem.textContent = withoutDashes(use.problem ?? "");
    if (use.problem !== undefined) return;
    const open = model.runs.filter(({ levels }) => levels.length > 0);
    form.update({ runs: chosenRuns(), open, use });
    try {
      const asked = request();
      const key = JSON.stringify([asked, chosenRuns().map(({ levels }) => levels.length)]);
      said = key;
      plans.want(key, { key, asked });
    } catch (error) {
      said = "";
      plans.forget();
      tell(error);
    }
  }

  function forget(): void {
    resultOf = undefined;
    result.replaceChildren();
    status.textContent = notes.textContent = "";
    status.classList.remove("bad");
  }
  return root;
}

function isPlan(answer: unknown): answer is BranchesPlan {
  return typeof answer === "object" && answer !== null && "levels" in answer;
}

function planText({ runs, levels }: BranchesPlan): string {
  return `${plural(runs, "run")} with ${plural(levels, "level")} in all; what is stored already is read`;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
