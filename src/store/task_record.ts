import * as z from "zod";
import { mostWidth } from "../base/shape.ts";
import { coverageKinds } from "../base/task.ts";
import { losses } from "../loss/index.ts";

/** Columns that are within the widest layer, so that lists of them can be made. */
const column = z
  .int()
  .nonnegative()
  .max(mostWidth - 1);
const columns = z.union([
  z.looseObject({ start: column, count: z.int().positive().max(mostWidth) }),
  z
    .array(column)
    .min(1)
    .refine((list) => list.every((column, i) => i === 0 || column > list[i - 1]), "a list of columns ascends"),
]);

/** Columns of all tasks in all, which may share inputs. */
const mostColumns = 2 ** 24;

/** Tasks in `run.json` and in ticket files: a contiguous set of columns as `{start, count}`, any other as a list. */
export const tasksSchema = z
  .array(
    z.looseObject({
      name: z.string(),
      kind: z.enum(losses.names),
      inputs: columns,
      outputs: columns,
      classes: z.array(z.string()).optional(),
    }),
  )
  .min(1)
  .refine((tasks) => {
    const columnsOf = (set: { readonly count: number } | readonly number[]) =>
      "count" in set ? set.count : set.length;
    return tasks.reduce((sum, { inputs, outputs }) => sum + columnsOf(inputs) + columnsOf(outputs), 0) <= mostColumns;
  }, `the tasks have more than ${mostColumns} inputs and outputs in all`);

/** The coverage that determines the tasks of a subnetwork. */
export const coverageSchema = z.enum(coverageKinds);
