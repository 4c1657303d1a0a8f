import { z } from "zod";
import { keyTexts } from "../base/key_texts.ts";
import type { TrainedTask } from "../base/task.ts";
import { mse } from "../loss/mse.ts";
import type { Dataset } from "./dataset.ts";
import type { DatasetEntry } from "./entry.ts";
import { csvDataset, npzDataset, type OwnDataOptions, ownDataCoverage, standardHoldout } from "./own_data.ts";
import { onlyTask } from "./targets.ts";
import { parseTasks } from "./tasks.ts";

const options = {
  tasks: z
    .string()
    .min(1)
    .optional()
    .register(keyTexts, {
      label: "Tasks",
      meaning: "the tasks of own data, side by side in its columns; one task by default",
      give: `name:inputs:outputs of every task, such as circles:2:1,moons:2:1, and of a regression name:inputs:1:${mse.name}`,
    }),
  standardize: z.boolean().optional().register(keyTexts, {
    label: "Standardise",
    meaning: "whether the inputs of own data are standardised",
    give: "true or false",
    standard: "true",
  }),
  holdout: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .register(keyTexts, {
      label: "Hold-out",
      meaning: "share of own data held out for the test split, where it brings none",
      give: "a share above 0 and below 1",
      standard: String(standardHoldout),
    }),
};

/** A kind of file that holds a user's own data. */
export type DataFile = DatasetEntry<typeof options>;

/** @param name the file's ending, without the dot */
function dataFile(
  name: string,
  summary: string,
  read: (bytes: Uint8Array, path: string, given: OwnDataOptions) => Dataset,
): DataFile {
  return {
    name,
    summary,
    options,
    sources: [],
    outline({ tasks }, columns) {
      if (tasks !== undefined) return { tasks: parseTasks(tasks), coverage: ownDataCoverage };
      return columns && { tasks: [onlyTask(columns)], coverage: ownDataCoverage };
    },
    async load({ dataset: path, dataSeed, options: { tasks, standardize, holdout } }, { readFile }) {
      const declared: readonly TrainedTask[] | undefined = tasks === undefined ? undefined : parseTasks(tasks);
      return read(await readFile(path), path, {
        dataSeed,
        ...(declared && { tasks: declared }),
        ...(standardize !== undefined && { standardize }),
        ...(holdout !== undefined && { holdout }),
      });
    },
  };
}

export const csvFile = dataFile("csv", "a table of numbers, one row a sample: inputs, then targets", csvDataset);
export const npzFile = dataFile("npz", "NumPy arrays x_train, y_train and, where they are, x_test, y_test", npzDataset);
