import { datasetOptions, namedDatasetKeys } from "../../dataset/registry.ts";
import { presets } from "../../lottery/presets.ts";
import { listKeys, type SpecKey, specKeyGroups } from "../../lottery/spec_schema.ts";
import { deviceChoices, engineChoices } from "../protocol.ts";

/** A control: a spec key, what people call it, and its choices where it has few. */
export interface Field {
  readonly key: string;
  readonly label: string;
  readonly hint?: string;
  readonly choices?: readonly string[];
  /** What holds where neither preset nor visitor says. */
  readonly standard?: string;
  readonly isWide?: boolean;
}

/** The keys that are always shown; the others are folded away by group. */
const mainKeys = ["seeds", "extension"];

/** A page reads no files of the visitor's as data: it does not offer the options of own data. */
const isOffered = ({ key }: SpecKey) => !Object.hasOwn(datasetOptions, key) || namedDatasetKeys.includes(key);

function field({ key, label, meaning, choices, standard }: SpecKey): Field {
  const isWide = key === "dataset" || listKeys.includes(key);
  return {
    key,
    label,
    hint: meaning,
    isWide,
    ...(choices && { choices }),
    ...(standard !== undefined && { standard }),
  };
}

const offered = specKeyGroups.map(({ title, keys }) => ({ title, keys: keys.filter(isOffered) }));

/** Always seen. */
export const mainFields: readonly Field[] = mainKeys.flatMap((main) =>
  offered.flatMap(({ keys }) => keys.filter(({ key }) => key === main).map(field)),
);

/** Folded away until they are wanted. */
export const groups: readonly { readonly title: string; readonly fields: readonly Field[] }[] = offered.map(
  ({ title, keys }) => ({ title, fields: keys.filter(({ key }) => !mainKeys.includes(key)).map(field) }),
);

/** What is no key of a spec: where it computes, and what lies under the visitor's keys. */
export const placeFields: readonly Field[] = [
  { key: "device", label: "Device", choices: deviceChoices, standard: "auto" },
  { key: "engine", label: "Engine", choices: engineChoices, standard: "auto" },
  { key: "preset", label: "Preset under all keys", choices: presets.names, isWide: true },
];
