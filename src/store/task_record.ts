import { z } from "zod";
import { coverageKinds } from "../base/task.ts";
import { losses } from "../loss/index.ts";

const columns = z.looseObject({ start: z.int().nonnegative(), count: z.int().positive() });

/** Tasks in `run.json` and in ticket files. */
export const tasksSchema = z
  .array(z.looseObject({ name: z.string(), kind: z.enum(losses.names), inputs: columns, outputs: columns }))
  .min(1);

/** The coverage that determines the tasks of a subnetwork. */
export const coverageSchema = z.enum(coverageKinds);
