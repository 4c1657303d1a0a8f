import * as z from "zod";
import { keyTexts } from "../base/key_texts.ts";
import { mse } from "../loss/mse.ts";
import type { DatasetAccess } from "./access.ts";
import type { Dataset } from "./dataset.ts";
import type { DatasetEntry } from "./entry.ts";
import { csvDataset, npzDataset, type OwnDataOptions, ownDataCoverage, standardHoldout } from "./own_data.ts";
import { givePart, partSchema } from "./split.ts";
import { onlyTask } from "./targets.ts";
import { namedTasksSchema, readDeclaration } from "./tasks.ts";

const options = {
  tasks: z
    .union([z.string().min(1), namedTasksSchema])
    .optional()
    .register(keyTexts, {
      label: "Tasks",
      meaning: "the tasks of own data, by numbers of columns or by columns; by default one task, of the last column",
      give: `name:inputs:outputs of every task in column order, such as circles:2:1,moons:2:1, or name:columns:target, such as a:x1+x2:y1,b:x2..x4:y2, and :${mse.name} after it for a regression; or JSON, such as [{"name":"a","inputs":["x1","x2"],"targets":["y1"]}]`,
    }),
  standardize: z.boolean().optional().register(keyTexts, {
    label: "Standardise",
    meaning: "whether the inputs of own data are standardised",
    give: "true or false",
    standard: "true",
  }),
  holdout: partSchema.optional().register(keyTexts, {
    label: "Hold-out",
    meaning: "part of own data held out for the test split, where it brings none",
    give: givePart,
    standard: String(standardHoldout),
  }),
};

const csvOptions = {
  ...options,
  header: z.enum(["auto", "yes", "no"]).optional().register(keyTexts, {
    label: "Header",
    meaning: "whether the first row of a CSV holds names",
    give: "auto, yes or no",
    standard: "auto",
  }),
};

/** A kind of file that holds a user's own data. */
export type DataFile<Options extends typeof options = typeof options> = DatasetEntry<Options>;

/** @param name the file's ending, without the dot */
function dataFile<Options extends typeof options>(
  name: string,
  summary: string,
  own: Pick<DataFile<Options>, "options" | "defaults">,
  read: (access: DatasetAccess, path: string, given: OwnDataOptions) => Promise<Dataset>,
): DataFile<Options> {
  return {
    name,
    summary,
    ...own,
    sources: [],
    outline(given, columns) {
      const { tasks } = given as OwnDataOptions;
      if (tasks === undefined) return columns && { tasks: [onlyTask(columns)], coverage: ownDataCoverage };
      const declared = readDeclaration(tasks);
      return "counted" in declared ? { tasks: declared.counted, coverage: ownDataCoverage } : undefined;
    },
    load({ dataset: path, dataSeed, options: given }, access) {
      return read(access, path, { ...(given as Omit<OwnDataOptions, "dataSeed">), dataSeed });
    },
  };
}

export const csvFile = dataFile(
  "csv",
  "a table of numbers, one row a sample: inputs, then targets",
  { options: csvOptions, defaults: { header: "auto" } },
  async ({ openFile, memoryBytes }, path, given) => csvDataset({ ...(await openFile(path)), memoryBytes }, path, given),
);

export const npzFile = dataFile(
  "npz",
  "NumPy arrays x_train, y_train and, where they are, x_test, y_test",
  { options },
  async ({ readFile, memoryBytes }, path, given) => npzDataset(await readFile(path), path, given, memoryBytes),
);
