import { z } from "zod";
import { coverageKinds, taskKinds } from "../base/task.ts";

const columns = z.looseObject({ start: z.int().nonnegative(), count: z.int().positive() });

/** Tasks as `run.json` and ticket files hold them. */
export const tasksSchema = z
  .array(z.looseObject({ name: z.string(), kind: z.enum(taskKinds), inputs: columns, outputs: columns }))
  .min(1);

/** The coverage that decides which tasks a subnetwork touches. */
export const coverageSchema = z.enum(coverageKinds);
