import { checkTaskColumns } from "../analysis/task_columns.ts";
import { InputError } from "../base/errors.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import { initialDistribution } from "../nulls/initial_distribution.ts";
import type { NullTest } from "../nulls/null_test.ts";
import type { NullTestOptions } from "./options.ts";
import type { Platform } from "./platform.ts";

/** Holds a ticket against masks by chance, on all cores. */
export async function testTicketNulls(
  { openNulls, cores }: Pick<Platform, "openNulls" | "cores">,
  mask: Mask,
  tasks: readonly Task[],
  coverage: CoverageKind,
  { count = 10_000, seed = 0, models, initializer, activation }: NullTestOptions,
): Promise<NullTest> {
  checkTaskColumns(tasks, mask.shape);
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff)) {
    throw new InputError(`seed ${seed}: it is no integer from 0 to ${0xffffffff}; give one, such as 1`);
  }
  const initial = initialDistribution(mask.shape, { initializer, activation });
  const tester = openNulls(cores);
  try {
    return await tester.test({ mask, tasks, coverage, initial, count, seed, ...(models && { models }) });
  } finally {
    tester.close();
  }
}
