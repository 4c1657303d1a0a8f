import { InputError } from "../base/errors.ts";
import type { NpyArray } from "./npy.ts";
import { isTexts } from "./npy_type.ts";
import type { Table } from "./table.ts";

/**
 * The targets of splits as tables hold them: numbers, or the numbers of texts and, column by column, the texts.
 * @param arrays the targets of each split, `[sample][column]`
 * @throws InputError when one split holds texts and the other numbers
 */
export function npzTargets(arrays: readonly NpyArray[], where: string): Pick<Table, "targets" | "targetTexts">[] {
  const texts = arrays.filter(({ values }) => isTexts(values)).length;
  if (texts > 0 && texts < arrays.length) {
    throw new InputError(`${where}: the targets of one split are texts, those of the other numbers; make them equal`);
  }
  return arrays.map(({ values, shape }) => {
    if (!isTexts(values)) return { targets: values };
    const columns = values.length / shape[0];
    const numbers = Array.from({ length: columns }, () => new Map<string, number>());
    const targets = Float64Array.from(values, (text, i) => {
      const own = numbers[i % columns];
      const number = own.get(text) ?? own.size;
      own.set(text, number);
      return number;
    });
    return { targets, targetTexts: numbers.map((own) => [...own.keys()]) };
  });
}
