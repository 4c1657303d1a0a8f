import { InputError } from "../base/errors.ts";
import type { NpyArray } from "./npy.ts";
import { isTexts } from "./npy_type.ts";

/** Targets of the splits as numbers. */
export interface NumberedLabels {
  readonly targets: readonly ArrayLike<number>[];
  /** The class of each text, one line a column. */
  readonly notes: readonly string[];
}

/** Most texts that a note lists. */
const mostListed = 20;

/**
 * Targets as numbers. Texts become classes: column by column, the different texts of all splits in the order of their
 * characters (as `numpy.unique` sorts them) are 0, 1, ..
 * @param arrays the targets of each split, `[sample][column]`
 * @throws InputError when one split holds texts and the other numbers
 */
export function numberedLabels(arrays: readonly NpyArray[], where: string): NumberedLabels {
  const texts = arrays.flatMap(({ values }) => (isTexts(values) ? [values] : []));
  if (texts.length === 0) {
    return { targets: arrays.flatMap(({ values }) => (isTexts(values) ? [] : [values])), notes: [] };
  }
  if (texts.length < arrays.length) {
    throw new InputError(`${where}: the targets of one split are texts, those of the other numbers; make them equal`);
  }
  const columns = texts[0].length / arrays[0].shape[0];
  const classes = Array.from({ length: columns }, (_, column) => {
    const all = new Set(texts.flatMap((values) => values.filter((_, i) => i % columns === column)));
    return new Map([...all].sort().map((text, number) => [text, number]));
  });
  const notes = classes.map((byText, column) => {
    const listed = [...byText].slice(0, mostListed).map(([text, number]) => `${JSON.stringify(text)} is ${number}`);
    const rest = byText.size > mostListed ? `, .. (${byText.size} in all)` : "";
    return `${where}: labels of target ${column + 1} as classes: ${listed.join(", ")}${rest}`;
  });
  const targets = texts.map((values) => Float64Array.from(values, (text, i) => classes[i % columns].get(text) ?? 0));
  return { targets, notes };
}
