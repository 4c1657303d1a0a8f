import { DeviceError } from "../base/errors.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import { initialDistribution } from "../nulls/initial_distribution.ts";
import { type MeasureNulls, measureHere, type NullTest, testNulls } from "../nulls/null_test.ts";
import type { Spec } from "./spec.ts";

/**
 * The ticket of a level among masks by chance, as many of each null model as the spec asks for; undefined where it asks for none. The seed
 * is 0, so that `analyze --null` gives the same of the stored ticket.
 * @param measure threads that measure; default: this one
 */
export async function levelNulls(
  spec: Spec,
  mask: Mask,
  tasks: readonly Task[],
  coverage: CoverageKind,
  measure: MeasureNulls = measureHere,
): Promise<NullTest | undefined> {
  const { nulls: count } = spec;
  if (count === undefined) return undefined;
  const request = { mask, tasks, coverage, initial: initialDistribution(mask.shape, spec), count };
  try {
    return await testNulls(request, measure);
  } catch (error) {
    // A thread has failed. What this one gives is the same.
    if (error instanceof DeviceError) return testNulls(request);
    throw error;
  }
}
