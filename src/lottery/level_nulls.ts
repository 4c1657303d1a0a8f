import { invariant } from "../base/errors.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import type { Mask } from "../mask/mask.ts";
import { initialDistribution } from "../nulls/initial_distribution.ts";
import type { NullTest } from "../nulls/null_test.ts";
import type { NullTester } from "../nulls/tester.ts";
import type { Spec } from "./spec.ts";

/**
 * The ticket of a level among masks by chance, as many of each null model as the spec asks for; undefined where it asks for none. The seed
 * is 0, so that `analyze --null` gives the same of the stored ticket.
 */
export async function levelNulls(
  spec: Spec,
  mask: Mask,
  tasks: readonly Task[],
  coverage: CoverageKind,
  tester: NullTester | undefined,
): Promise<NullTest | undefined> {
  const { nulls: count } = spec;
  if (count === undefined) return undefined;
  invariant(tester, "a spec asks for masks by chance, and nothing measures them");
  return tester.test({ mask, tasks, coverage, initial: initialDistribution(mask.shape, spec), count });
}
