import { z } from "zod";
import { coverageKinds } from "../base/task.ts";
import { losses } from "../loss/index.ts";

const columns = z.union([
  z.looseObject({ start: z.int().nonnegative(), count: z.int().positive() }),
  z
    .array(z.int().nonnegative())
    .min(1)
    .refine((list) => list.every((column, i) => i === 0 || column > list[i - 1]), "a list of columns ascends"),
]);

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
  .min(1);

/** The coverage that determines the tasks of a subnetwork. */
export const coverageSchema = z.enum(coverageKinds);
