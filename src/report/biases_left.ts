import { inThousands } from "../base/format.ts";
import { biasesLeft, type LevelRecord } from "../store/level_record.ts";

/** Whether some of the levels are of a run that prunes biases, so that a table of them counts those. */
export function someBiasesPruned(levels: readonly Pick<LevelRecord, "biases">[]): boolean {
  return levels.some(({ biases }) => biases !== undefined);
}

/** The biases that a level keeps; `all` of a run that prunes none. */
export function biasesCell(record: Pick<LevelRecord, "biases">): string {
  const left = biasesLeft(record);
  return left === undefined ? "all" : inThousands(left);
}
