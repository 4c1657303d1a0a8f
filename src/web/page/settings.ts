import { InputError } from "../../base/errors.ts";
import type { CoverageKind } from "../../base/task.ts";
import { datasetOutline } from "../../dataset/load.ts";
import { preset, presets } from "../../lottery/presets.ts";
import { resolveSpec, type Spec, unknownKey } from "../../lottery/spec.ts";
import { type SpecInput, specKeys } from "../../lottery/spec_schema.ts";
import { overrideSpec, parseSpecValue } from "../../lottery/spec_text.ts";
import {
  type DeviceChoice,
  deviceChoices,
  type EngineChoice,
  type ExperimentRequest,
  engineChoices,
} from "../protocol.ts";

/**
 * The settings of the page, as texts: a preset's name, spec keys that replace those of the preset (as after `--set`),
 * device and engine. The address holds them, so that a link reproduces the run:
 * `#preset=moons-circles&seeds=0..3&extension=9`.
 */
export interface Settings {
  readonly preset: string;
  readonly device: string;
  readonly engine: string;
  /** Spec keys that replace the preset's, as written. */
  readonly over: Readonly<Record<string, string>>;
}

/** Suggested experiments, with the settings of each as an address. */
export const suggestions: readonly { readonly label: string; readonly address: string }[] = [
  { label: "Moons and circles, four seeds (thesis)", address: "preset=moons-circles&seeds=0..3" },
  { label: "Moons and circles, small and quick", address: "preset=moons-circles&seeds=0&extension=5" },
  { label: "A population of 16", address: "preset=moons-circles&seeds=0..15&extension=7&stopAt=separated" },
  { label: "A wide network, 20 prunings", address: "preset=moons-circles&seeds=0..3&extension=14&rate=0.32" },
  { label: "Three hidden layers", address: "preset=moons-circles&seeds=0..4&base=4,6,6,6,2&extension=9&rate=0.32" },
  { label: "Three tasks: circles, moons and spirals", address: "preset=moons-circles-spirals&seeds=0..3" },
  { label: "Random pruning, as a control", address: "preset=moons-circles&seeds=0..3&criterion=random" },
  {
    label: "MNIST, cut down",
    address: "preset=mnist&seeds=0&samplesPerClass=300&shape=784,100,10&levels=12&target=300&maxEpochs=30",
  },
  { label: "MNIST (thesis)", address: "preset=mnist&seeds=0" },
  { label: "Fashion-MNIST (thesis)", address: "preset=fashion-mnist&seeds=0" },
  {
    label: "Digits and garments, cut down",
    address: "preset=mnist-fashion-half&seeds=0&samplesPerClass=300&shape=392,100,10&levels=12&target=200&maxEpochs=30",
  },
  { label: "Digits and garments, half size", address: "preset=mnist-fashion-half&seeds=0" },
  { label: "Digits and garments (thesis)", address: "preset=mnist-fashion&seeds=0..2" },
];

/** The initial settings: the first suggestion. */
export const firstSettings: Settings = readAddress(suggestions[0].address);

/** The settings of an address' hash; an empty one gives the first settings. */
export function readAddress(hash: string): Settings {
  const pairs = new URLSearchParams(hash.replace(/^#/, ""));
  if (pairs.size === 0) return firstSettings;
  const { preset: name = presets.names[0], device = "auto", engine = "auto", ...over } = Object.fromEntries(pairs);
  return { preset: name, device, engine, over };
}

/** The hash of settings; commas and dots stay readable. */
export function writeAddress({ preset: name, device, engine, over }: Settings): string {
  const place = { ...(device !== "auto" && { device }), ...(engine !== "auto" && { engine }) };
  const pairs = new URLSearchParams({ preset: name, ...over, ...place });
  return `#${pairs.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}

/** The experiment that settings describe. */
export interface Planned {
  readonly request: ExperimentRequest;
  readonly spec: Spec;
  readonly seeds: readonly number[];
}

/** The preset's spec with the visitor's keys in place of its own, not yet checked. */
export function writtenSpec({ preset: name, over }: Settings): SpecInput {
  const values = Object.entries(over).map(([key, text]) => [key, parseSpecValue(key, text)]);
  return overrideSpec(preset(name), Object.fromEntries(values)) as SpecInput;
}

/**
 * Checks settings.
 * @throws InputError naming the key, its value, its bound and what to give
 */
export function plan(settings: Settings): Planned {
  const { device, engine, over, preset: name } = settings;
  const unknown = Object.keys(over).find((key) => !specKeys.includes(key));
  if (unknown !== undefined) {
    throw new InputError(unknownKey(unknown, ["preset", "device", "engine", ...specKeys]));
  }
  const place = placeOf({ device, engine });
  const input = writtenSpec(settings);
  const { spec, seeds } = resolveSpec(input, name);
  return { request: { name, input, ...place }, spec, seeds };
}

/**
 * Device and engine of settings.
 * @throws InputError as {@link plan}
 */
export function placeOf({ device, engine }: Pick<Settings, "device" | "engine">): {
  readonly device: DeviceChoice;
  readonly engine: EngineChoice;
} {
  if (!isDevice(device)) throw new InputError(`device "${device}": choose ${deviceChoices.join(", ")}`);
  if (!isEngine(engine)) throw new InputError(`engine "${engine}": choose ${engineChoices.join(", ")}`);
  return { device, engine };
}

/** The coverage of settings: the given one, else the dataset's; total if the settings are invalid. */
export function plannedCoverage(planned: Planned | InputError): CoverageKind {
  if (planned instanceof InputError) return "total";
  const { dataset, coverage } = planned.spec;
  return coverage ?? datasetOutline(dataset)?.coverage ?? "total";
}

function isDevice(text: string): text is DeviceChoice {
  return (deviceChoices as readonly string[]).includes(text);
}

function isEngine(text: string): text is EngineChoice {
  return (engineChoices as readonly string[]).includes(text);
}

/**
 * The key that an error is about: the first that its message names, since the others tell what it contradicts or what to give.
 * @returns undefined if it names none
 */
export function keyAtFault<Key extends string>(message: string, keys: readonly Key[]): Key | undefined {
  const places = keys.map((key) => ({ key, place: message.search(new RegExp(`\\b${key}\\b`)) }));
  const [first] = places.filter(({ place }) => place >= 0).sort((a, b) => a.place - b.place);
  return first?.key;
}
