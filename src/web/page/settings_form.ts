import { InputError } from "../../base/errors.ts";
import { formatBytes, inThousands, plural } from "../../base/format.ts";
import { biasCount, formatShape, weightCount } from "../../base/shape.ts";
import type { ImageSets } from "../../dataset/image_set_index.ts";
import { datasets } from "../../dataset/registry.ts";
import { element } from "./dom.ts";
import { type Field, groups, mainFields, placeFields } from "./fields.ts";
import { labelled, markRight, markWrong } from "./labelled.ts";
import {
  keyAtFault,
  type Planned,
  placeOf,
  plan,
  type Settings,
  suggestions,
  writeAddress,
  writtenSpec,
} from "./settings.ts";

/** The controls of the settings: they change the settings, and show the new ones when the address changes. */
export class SettingsForm {
  readonly root = element("form", { novalidate: true });
  readonly #outlook = element("p", { class: "outlook", role: "status", id: "outlook" });
  readonly #inputs = new Map<string, HTMLInputElement | HTMLSelectElement>();
  readonly #suggestion: HTMLSelectElement;
  #settings: Settings;

  /**
   * @param settings the initial ones
   * @param change is called with every change, before it is checked
   */
  constructor(
    settings: Settings,
    readonly change: (settings: Settings) => void,
  ) {
    this.#settings = settings;
    this.#suggestion = element(
      "select",
      { id: "experiment", onchange: () => this.#choose() },
      element("option", { value: "" }, "as set below"),
      ...suggestions.map(({ label, address }) => element("option", { value: address }, label)),
    );
    this.root.append(
      element("h2", {}, "Experiment"),
      labelled("Preset", this.#suggestion),
      element("div", { class: "grid" }, ...mainFields.map((field) => this.#field(field))),
      this.#outlook,
      ...groups.map(({ title, fields }) =>
        element(
          "details",
          {},
          element("summary", {}, title),
          element("div", { class: "grid" }, ...fields.map((field) => this.#field(field))),
        ),
      ),
      element(
        "details",
        {},
        element("summary", {}, "Where it computes"),
        element("div", { class: "grid" }, ...placeFields.map((field) => this.#field(field))),
      ),
    );
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.show(settings);
  }

  /** Shows settings and the experiment that they describe. */
  show(settings: Settings): void {
    this.#settings = settings;
    const address = writeAddress(settings);
    const suggested = suggestions.find((each) => `#${each.address}` === address);
    this.#suggestion.value = suggested?.address ?? "";
    let under: Readonly<Record<string, unknown>> = {};
    try {
      under = writtenSpec({ ...settings, over: {} });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
    for (const [key, input] of this.#inputs) {
      const written = key === "device" || key === "engine" || key === "preset" ? settings[key] : settings.over[key];
      const standard = under[key] === undefined ? input.dataset.standard : String(under[key]);
      markRight(input);
      if (input instanceof HTMLSelectElement) {
        input.value = written ?? standard ?? "";
      } else {
        if (document.activeElement !== input) input.value = written ?? "";
        input.placeholder = standard ?? "";
      }
    }
    const planned = this.plan();
    this.#outlook.classList.toggle("bad", planned instanceof InputError);
    this.#outlook.textContent = planned instanceof InputError ? planned.message : outlookOf(planned);
    if (planned instanceof InputError) this.#markWrong(planned.message);
  }

  /** Shows the size of each image set, or that this server does not offer it. */
  showImageSets(offered: ImageSets): void {
    const input = this.#inputs.get("dataset");
    if (!(input instanceof HTMLSelectElement)) return;
    for (const option of input.options) {
      const needed = datasets.get(option.value).sources;
      if (needed.length === 0) continue;
      const isOffered = needed.every((source) => offered[source]);
      const bytes = needed.reduce((sum, source) => sum + (offered[source]?.sizeBytes ?? 0), 0);
      const isHere = needed.every((source) => offered[source]?.isHere);
      option.textContent = isOffered
        ? `${option.value} (${formatBytes(bytes)}${isHere ? "" : ", fetched by the server first"})`
        : `${option.value} (not on this server)`;
    }
  }

  /**
   * Device and engine that are set.
   * @throws InputError when there is no such one
   */
  place() {
    return placeOf(this.#settings);
  }

  /** The experiment that is set, or the error in the settings. */
  plan(): Planned | InputError {
    try {
      return plan(this.#settings);
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
  }

  #markWrong(message: string): void {
    const key = keyAtFault(message, [...this.#inputs.keys()]);
    const input = key && this.#inputs.get(key);
    if (input) markWrong(input, "outlook");
  }

  #choose(): void {
    if (this.#suggestion.value) location.hash = `#${this.#suggestion.value}`;
  }

  #field({ key, label, hint, choices, standard, isWide }: Field): HTMLElement {
    const id = `set-${key}`;
    const data = standard === undefined ? {} : { "data-standard": standard };
    const onchange = () => this.#write(key, input.value.trim());
    const input = choices
      ? element(
          "select",
          { id, ...data, onchange },
          ...(standard === undefined && key !== "dataset" && key !== "preset"
            ? [element("option", { value: "" }, "default")]
            : []),
          ...choices.map((choice) => element("option", { value: choice }, choice)),
        )
      : element("input", { type: "text", id, ...data, autocomplete: "off", spellcheck: "false", onchange });
    this.#inputs.set(key, input);
    const field = labelled(label, input, hint);
    if (isWide) field.classList.add("wide");
    return field;
  }

  /** Changes a key; an empty value removes it from the settings. */
  #write(key: string, text: string): void {
    const settings = this.#settings;
    if (key === "device" || key === "engine") {
      this.change({ ...settings, [key]: text });
    } else if (key === "preset") {
      this.change({ ...settings, preset: text, over: {} });
    } else {
      const excluded = text === "" ? [] : (excludes[key] ?? []);
      const others = Object.entries(settings.over).filter(([other]) => other !== key && !excluded.includes(other));
      this.change({ ...settings, over: Object.fromEntries(text === "" ? others : [...others, [key, text]]) });
    }
  }
}

/** The keys that each key removes: shape and base exclude each other, and so do their keys, and epochs and steps. */
const excludes: Readonly<Record<string, readonly string[]>> = {
  shape: ["base", "extension"],
  base: ["shape", "levels", "target"],
  extension: ["shape", "levels", "target"],
  maxEpochs: ["maxSteps"],
  maxSteps: ["maxEpochs"],
};

/** One line on what will run. */
function outlookOf({ spec, seeds }: Planned): string {
  const { remaining, shape, counts, prunable } = spec;
  const biases = prunable ? ` and ${inThousands(biasCount(shape))} biases` : "";
  const last = remaining[remaining.length - 1];
  return `${plural(seeds.length, "network")} of shape ${formatShape(shape)}: ${inThousands(weightCount(shape))} weights${biases}, pruned to ${inThousands(last)}${counts === "active" ? " active ones" : ""} in ${plural(remaining.length - 1, "round")}`;
}
