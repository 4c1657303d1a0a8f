import { RandomStream } from "../../src/base/random.ts";
import type { Shape } from "../../src/base/shape.ts";
import type { CoverageKind, Task } from "../../src/base/task.ts";
import { parseTasks } from "../../src/dataset/tasks.ts";
import { Mask, maskLayout } from "../../src/mask/mask.ts";
import { initialDistribution } from "../../src/nulls/initial_distribution.ts";
import { nullModels } from "../../src/nulls/models.ts";
import type { NullModelResult } from "../../src/nulls/null_test.ts";
import { type NullPlan, preparationStream, ticketKey } from "../../src/nulls/plan.ts";
import { NullStructure } from "../../src/nulls/structure.ts";

/** A mask of weights `[layer, output, input]`. */
export function maskWith(shape: Shape, weights: readonly (readonly [number, number, number])[]): Mask {
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  for (const [layer, output, input] of weights) mask.set(layer, output, input, true);
  return mask;
}

/** A random mask with a share of the weights of each layer. */
export function sparseMask(shape: Shape, share: number, seed = 1): Mask {
  const mask = new Mask(shape, new Uint32Array(maskLayout(shape).words));
  const random = new RandomStream(seed, "bootstrap", 99);
  for (let layer = 0; layer < shape.length - 1; layer++) {
    for (let output = 0; output < shape[layer + 1]; output++) {
      for (let input = 0; input < shape[layer]; input++) {
        if (random.nextUniform() < share) mask.set(layer, output, input, true);
      }
    }
  }
  return mask;
}

export interface Case {
  readonly mask: Mask;
  readonly tasks: readonly Task[];
  readonly coverage: CoverageKind;
}

export const twoTasks = parseTasks("circles:2:1,moons:2:1");

/** Tickets with what may differ: tasks, columns of none or several, coverage, words per row and per output. */
export const cases: Readonly<Record<string, Case>> = {
  "two tasks": { mask: sparseMask([4, 20, 20, 2], 0.12), tasks: twoTasks, coverage: "total" },
  "three tasks, by outputs, in wide layers": {
    mask: sparseMask([40, 70, 33, 40], 0.03),
    tasks: parseTasks("a:12:14,b:12:13,c:16:13"),
    coverage: "output",
  },
  "shared inputs and columns of no task": {
    mask: sparseMask([6, 12, 5], 0.3),
    tasks: parseTasks("a:0..2:0+1,b:2+3:3"),
    coverage: "output",
  },
  "one task": { mask: sparseMask([4, 9, 2], 0.3), tasks: parseTasks("a:4:2"), coverage: "input" },
};

/** The plan of a model's nulls, as `testNulls` makes it. */
export function planOf({ mask, tasks, coverage }: Case, model: string, seed = 0): NullPlan {
  const { shape, words } = mask;
  const initial = initialDistribution(shape, {});
  const { prepare, purpose } = nullModels.get(model);
  const stream = preparationStream(purpose, seed, ticketKey(shape, words));
  const preparation = prepare({ mask, initial }, stream, new NullStructure(shape, tasks, coverage));
  return { shape, words, initial, tasks, coverage, seed, preparations: { [model]: preparation } };
}

/** Chi-square statistic of counts against expected ones. */
export function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, at) => sum + (count - expected[at]) ** 2 / expected[at], 0);
}

/** A chi-square of that many degrees of freedom is above this once in some millions. */
export const chiSquareBound = (degrees: number) => degrees + 5 * Math.sqrt(2 * degrees) + 15;

export const reasonOf = (result: NullModelResult) => result.impossible;
