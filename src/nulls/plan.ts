import { crc32 } from "../base/crc32.ts";
import { inThousands } from "../base/format.ts";
import { RandomStream } from "../base/random.ts";
import type { Shape } from "../base/shape.ts";
import type { CoverageKind, Task } from "../base/task.ts";
import { Mask } from "../mask/mask.ts";
import type { NullTicket, Preparation } from "./models/model.ts";
import { nullModels } from "./models.ts";
import { statistics } from "./statistics.ts";
import { mostTasks, NullStructure } from "./structure.ts";

/** Most weights of all nulls of a model together: a minute and a half of rewiring on one core. */
export const mostNullWeights = 2e8;

/** All that a null is made from: plain values that threads can exchange. */
export interface NullPlan {
  readonly shape: Shape;
  /** Words of the ticket's weights. */
  readonly words: Uint32Array;
  readonly initial: NullTicket["initial"];
  readonly tasks: readonly Task[];
  readonly coverage: CoverageKind;
  readonly seed: number;
  /** Of the models whose nulls are drawn. */
  readonly preparations: Readonly<Record<string, Preparation>>;
}

/** Why so many nulls of a ticket are too much work; undefined where they are not. */
export function tooMuchWork(count: number, weights: number): string | undefined {
  if (count * weights <= mostNullWeights) return undefined;
  const most = Math.floor(mostNullWeights / weights);
  return `${inThousands(count)} masks of ${inThousands(weights)} weights are more than the ${inThousands(mostNullWeights)} weights that are drawn${most > 0 ? `; at most ${inThousands(most)} masks are possible` : ""}`;
}

/** Why nulls of a ticket with these tasks cannot be measured; undefined where they can. */
export function tooManyTasks(tasks: readonly Task[]): string | undefined {
  return tasks.length <= mostTasks
    ? undefined
    : `${tasks.length} tasks are more than the ${mostTasks} that nulls are measured for`;
}

/** Draws the nulls of a plan; a null depends on the plan, its model and its number alone. */
export class NullSource {
  readonly #plan: NullPlan;
  readonly #ticket: NullTicket;
  readonly #structure: NullStructure;
  readonly #key: number;

  constructor(plan: NullPlan) {
    this.#plan = plan;
    this.#ticket = { mask: new Mask(plan.shape, plan.words), initial: plan.initial };
    this.#structure = new NullStructure(plan.shape, plan.tasks, plan.coverage);
    this.#key = ticketKey(plan.shape, plan.words);
  }

  /**
   * The statistics of some nulls of a model.
   * @returns `[statistic][null]`, NaN where a statistic is not defined
   */
  values(model: string, first: number, count: number): Float64Array<ArrayBuffer> {
    const { prepare: _, purpose, sampler } = nullModels.get(model);
    const { draw } = sampler(this.#ticket, this.#plan.preparations[model]);
    const measured = statistics.entries.map(({ of }) => of);
    const values = new Float64Array(measured.length * count);
    for (let each = 0; each < count; each++) {
      this.#structure.find(draw(new RandomStream(this.#plan.seed, purpose, first + each, this.#key)));
      for (let at = 0; at < measured.length; at++) values[at * count + each] = measured[at](this.#structure);
    }
    return values;
  }
}

/** A number of a ticket, so that tickets with one seed have nulls of their own. */
export function ticketKey(shape: Shape, words: Uint32Array): number {
  const named = Uint32Array.from([...shape, ...words]);
  return crc32(new Uint8Array(named.buffer));
}

/** The streams of a ticket that no null of a model uses: nulls are numbered from 0, these from the top. */
export function preparationStream(
  purpose: ConstructorParameters<typeof RandomStream>[1],
  seed: number,
  key: number,
): (number: number) => RandomStream {
  return (number) => new RandomStream(seed, purpose, 0xffffffff - number, key);
}
