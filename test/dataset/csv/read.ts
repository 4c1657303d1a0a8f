import { type ChosenColumns, chooseColumns } from "../../../src/dataset/columns.ts";
import { type CsvOptions, CsvTable } from "../../../src/dataset/csv/table.ts";
import { csvDataset, type OwnDataOptions } from "../../../src/dataset/own_data.ts";

export const bytes = (text: string) => new TextEncoder().encode(text);

/** Reads a CSV file from memory: all columns but the last are inputs unless `choose` says otherwise. */
export function readCsv(content: string | Uint8Array, options: Partial<CsvOptions> = {}, pieceBytes?: number) {
  let chosen: Omit<ChosenColumns, "tasks"> | undefined;
  const reading = new CsvTable({
    where: "f.csv",
    choose: (columns) => {
      chosen = chooseColumns(columns, undefined);
      return chosen;
    },
    ...options,
  });
  const all = typeof content === "string" ? bytes(content) : content;
  for (let at = 0; at < all.length; at += pieceBytes ?? all.length) {
    reading.push(all.slice(at, at + (pieceBytes ?? all.length)));
  }
  return reading.finish();
}

/** All values of a CSV file, row by row; texts of the last column as texts. */
export function valuesOf(content: string | Uint8Array, options: Partial<CsvOptions> = {}, pieceBytes?: number) {
  const { table } = readCsv(content, options, pieceBytes);
  const texts = table.targetTexts?.[0];
  return Array.from({ length: table.samples }, (_, row) => [
    ...table.features.subarray(row * table.inputs, (row + 1) * table.inputs),
    texts ? texts[table.targets[row]] : table.targets[row],
  ]);
}

/** A dataset from the text of a CSV file. */
export function datasetOf(content: string | Uint8Array, options: Partial<OwnDataOptions> = {}, path = "f.csv") {
  const all = typeof content === "string" ? bytes(content) : content;
  return csvDataset({ pieces: [all], sizeBytes: all.length }, path, { dataSeed: 0, ...options });
}
