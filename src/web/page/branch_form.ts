import { formatShape } from "../../base/shape.ts";
import { type BranchKind, defaultBranchSeeds } from "../../lottery/branch/kind.ts";
import { ticket } from "../../lottery/branch/kinds/ticket.ts";
import { branchKinds } from "../../lottery/branch/kinds.ts";
import { readNumber, readNumbers } from "../../lottery/numbers.ts";
import type { BranchRequest } from "../protocol.ts";
import { presetsThatFit } from "./branch_data.ts";
import { element } from "./dom.ts";
import { labelled } from "./labelled.ts";
import { type RunView, runLabel } from "./model.ts";
import { selectOptions } from "./select_options.ts";
import { levelRange, readField, type StudyForm, type StudyRuns, textField } from "./study_form.ts";

/** Kinds that are chosen at first: controls that need nothing beside the run. */
const firstKinds: readonly string[] = ["reinit", "shuffled", "random-mask"];

/** The fields of branches: kinds, levels, branch seeds, and what the kinds `data` and `transplant` need. */
export function branchForm(): StudyForm<BranchRequest["choice"]> {
  const kinds = branchKinds.entries.map((kind) => kindBox(kind));
  const levels = textField("branch-levels", "Levels", "such as 3..9; empty: all finished ones but the dense one");
  const seeds = textField("branch-seeds", "Branch seeds", "such as 0..9; for kinds that draw something");
  seeds.input.placeholder = `${defaultBranchSeeds[0]}..${defaultBranchSeeds[defaultBranchSeeds.length - 1]}`;
  const data = element("select", { id: "branch-data" });
  const dataField = labelled("Other data", data, "of the kind data: a preset's");
  const dataSeed = textField("branch-data-seed", "Their dataSeed", "an integer; empty: the preset's own");
  dataSeed.input.placeholder = "0";
  const from = element("select", { id: "branch-from" });
  const fromField = labelled("Masks from", from, "of the kind transplant: another open run");
  const chosen = () => kinds.filter(({ box }) => box.checked && !box.disabled).map(({ kind }) => kind);

  const showNeeded = () => {
    const needs = chosen().flatMap((kind) => kind.needs ?? []);
    dataField.hidden = dataSeed.root.hidden = !needs.includes("data");
    fromField.hidden = !needs.includes("from");
    seeds.input.disabled = !chosen().some(({ usesSeed }) => usesSeed);
  };
  const boxes = element(
    "fieldset",
    { class: "kinds", onchange: showNeeded },
    element("legend", {}, "Kinds"),
    ...kinds.map(({ root }) => root),
    element("p", { class: "hint" }, "* a control: it decides whether a level is trivial"),
  );
  showNeeded();
  return {
    parts: [boxes, element("div", { class: "grid" }, levels.root, seeds.root, dataField, dataSeed.root, fromField)],
    inputs: new Map<"levels" | "seeds" | "data" | "dataSeed" | "from", HTMLInputElement | HTMLSelectElement>([
      ["levels", levels.input],
      ["seeds", seeds.input],
      ["data", data],
      ["dataSeed", dataSeed.input],
      ["from", from],
    ]),
    update: (studied) => {
      const { runs, use } = studied;
      const counts = new Set(runs.map((run) => run.levels.length));
      const [count] = counts;
      levels.input.placeholder = counts.size === 1 ? levelRange(Math.min(1, count - 1), count) : "all but 0";
      const others = otherRuns(studied);
      const fitting = presetsThatFit(runs[0].shape);
      selectOptions(
        from,
        others.map((run) => [run.path, `${run.name}, ${runLabel(run)}`]),
      );
      selectOptions(
        data,
        fitting.map((name) => [name, name]),
      );
      for (const { kind, allow } of kinds) allow(use.reasons[kind.name] ?? missing(kind, studied, others, fitting));
      showNeeded();
    },
    choice: () => {
      const asked = chosen();
      const needs = asked.flatMap((kind) => kind.needs ?? []);
      return {
        kinds: asked.map(({ name }) => name),
        levels: readField("levels", levels.input, readNumbers),
        seeds: seeds.input.disabled ? undefined : readField("seeds", seeds.input, readNumbers),
        ...(needs.includes("data") && {
          data: { name: data.value, dataSeed: readField("dataSeed", dataSeed.input, readNumber) },
        }),
        ...(needs.includes("from") && { from: from.value }),
      };
    },
  };
}

/** The runs whose masks can be transplanted: of the shape of those studied, and not among them. */
function otherRuns({ runs, open }: StudyRuns): RunView[] {
  const [{ shape }] = runs;
  return open.filter((run) => !run.branch && run.shape.join() === shape.join() && !runs.includes(run));
}

/** Why a kind lacks what it needs. */
function missing(
  { needs }: BranchKind,
  { runs }: StudyRuns,
  others: readonly RunView[],
  fitting: readonly string[],
): string | undefined {
  const [{ shape }] = runs;
  if (needs === "from" && others.length === 0) {
    return runs.length > 1
      ? `needs a run of shape ${formatShape(shape)} that is not among them; choose one seed, or open another run`
      : `needs another run of shape ${formatShape(shape)}; train another seed, or open one`;
  }
  if (needs === "data" && fitting.length === 0) {
    return `no preset has data of ${shape[0]} inputs and ${shape[shape.length - 1]} outputs`;
  }
  return undefined;
}

/** A box to tick, with what the kind changes and, where it cannot be used, why. */
function kindBox(kind: BranchKind) {
  const { name, summary, isControl, paper } = kind;
  const id = `kind-${name}`;
  const isReference = name === ticket.name;
  const box = element("input", {
    type: "checkbox",
    id,
    checked: isReference || firstKinds.includes(name),
    disabled: isReference,
    "aria-describedby": `${id}-hint ${id}-reason`,
  });
  const reason = element("span", { class: "reason", id: `${id}-reason` });
  const what = `${summary}${paper ? ` (${paper})` : ""}${isReference ? "; always trained" : ""}`;
  const root = element(
    "div",
    { class: "kind" },
    box,
    element("label", { for: id }, name, isControl ? " *" : ""),
    element("span", { class: "hint", id: `${id}-hint` }, what),
    reason,
  );
  return {
    kind,
    box,
    root,
    /** @param why it cannot be used */
    allow: (why: string | undefined) => {
      if (isReference) return;
      box.disabled = why !== undefined;
      reason.textContent = why?.replace(`${name}: `, "") ?? "";
      root.classList.toggle("unusable", why !== undefined);
    },
  };
}
