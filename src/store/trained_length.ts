import { plural } from "../base/format.ts";
import type { LevelRecord } from "./level_record.ts";

type Length = Pick<LevelRecord, "epochs" | "steps" | "evaluations">;

/** Whether the spec of a level counts steps, so that it need not end with an epoch. */
export function countsSteps({ evaluations }: Length): boolean {
  return evaluations !== undefined;
}

/** How long a level trained: `120 epochs`, or `1,200 steps` where its spec counts steps. */
export function trainedLength(record: Length): string {
  return countsSteps(record) ? plural(record.steps, "step") : plural(record.epochs, "epoch");
}
