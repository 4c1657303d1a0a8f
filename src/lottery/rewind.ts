import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { type LengthKeys, levelSteps } from "../network/level_steps.ts";
import { parseSchedule } from "../network/schedules/index.ts";
import { rateOfStep } from "../network/schedules/rate.ts";
import { mostSteps } from "../network/schedules/schedule.ts";

/**
 * What a level after level 0 starts from: the initial weights (Frankle and Carbin, ICLR 2019); the weights after some steps or epochs of the
 * dense network (Frankle et al., ICML 2020); or the trained weights of the level before, with the schedule anew (learning-rate
 * rewinding, Renda, Frankle and Carbin, ICLR 2020) or at its last learning rate (fine-tuning, Han et al., NeurIPS 2015).
 */
export type Rewind =
  | { readonly to: "initial" }
  | { readonly to: "steps" | "epochs"; readonly count: number }
  | { readonly to: "trained"; readonly rate: "anew" | "last" };

/** How a rewind is written. */
export const rewindChoice = "initial, <steps>it, <epochs>ep, lr or none";
export const defaultRewind = "initial";

/** Reads `initial`, `500it`, `2ep`, `lr` or `none`; undefined for any other text. */
export function readRewind(text: string): Rewind | undefined {
  if (text === defaultRewind) return { to: "initial" };
  if (text === "lr") return { to: "trained", rate: "anew" };
  if (text === "none") return { to: "trained", rate: "last" };
  const [, digits, unit] = /^([1-9]\d{0,7})(it|ep)$/.exec(text) ?? [];
  const count = Number(digits);
  return digits !== undefined && count <= mostSteps ? { to: unit === "it" ? "steps" : "epochs", count } : undefined;
}

/** The keys of a spec that decide what a level starts from, and by which learning rate it trains. */
export interface RewindKeys extends LengthKeys {
  readonly rewind?: string | undefined;
  readonly lr: number;
  readonly schedule?: string | undefined;
}

export function rewindOf({ rewind = defaultRewind }: Pick<RewindKeys, "rewind">): Rewind {
  const found = readRewind(rewind);
  if (!found) throw new InputError(`rewind "${rewind}" does not fit: give ${rewindChoice}`);
  return found;
}

/** Whether levels start from the trained weights of the level before, which must then be stored. */
export function startsTrained(spec: Pick<RewindKeys, "rewind">): boolean {
  return rewindOf(spec).to === "trained";
}

/** The weights to rewind to, as a level that is evaluated once, when it ends there. */
export interface RewindPoint {
  readonly steps: number;
  /** `2 epochs`, `500 steps`. */
  readonly text: string;
}

/**
 * The point in the training of level 0 that a spec rewinds to; undefined where it rewinds to no such point.
 * @param samples of the training split
 * @throws InputError when the point lies past the end of level 0
 */
export function rewindPoint(spec: RewindKeys, samples: number): RewindPoint | undefined {
  const rewind = rewindOf(spec);
  if (!("count" in rewind)) return undefined;
  const { to, count } = rewind;
  const { perEpoch, most } = levelSteps(spec, samples);
  const steps = to === "steps" ? count : count * perEpoch;
  if (steps > most) {
    const past = `rewind=${spec.rewind} lies past the end of level 0, which has at most`;
    const { maxEpochs } = spec;
    throw new InputError(
      maxEpochs === undefined
        ? `${past} ${plural(most, "step")}, ${perEpoch} each epoch: give up to ${most}it, or a larger maxSteps`
        : `${past} ${plural(maxEpochs, "epoch")} of ${plural(perEpoch, "step")}: give up to ${maxEpochs}ep or ${most}it, or a larger maxEpochs`,
    );
  }
  return { steps, text: plural(count, to === "steps" ? "step" : "epoch") };
}

/** Learning rate and schedule of a level. */
export function ratesOf(spec: RewindKeys, level: number): Pick<RewindKeys, "lr" | "schedule"> {
  const { lr, schedule } = spec;
  const rewind = rewindOf(spec);
  if (level === 0 || rewind.to !== "trained" || rewind.rate === "anew") return { lr, schedule };
  return { lr: lastRate(spec), schedule: undefined };
}

/** The learning rate after all of a schedule. */
function lastRate({ lr, schedule = "constant" }: Pick<RewindKeys, "lr" | "schedule">): number {
  return rateOfStep(lr, parseSchedule(schedule), Number.POSITIVE_INFINITY);
}

/**
 * Checks what of a rewind needs no data.
 * @param keepTrained as given
 * @throws InputError when it contradicts another key
 */
export function checkRewind(spec: RewindKeys, keepTrained: boolean | undefined): void {
  const rewind = rewindOf(spec);
  const { maxEpochs, maxSteps } = spec;
  if (rewind.to === "epochs" && maxEpochs !== undefined && rewind.count > maxEpochs) {
    throw new InputError(
      `rewind=${spec.rewind} lies past the end of level 0, which has at most ${plural(maxEpochs, "epoch")}: give up to ${maxEpochs}ep, or a larger maxEpochs`,
    );
  }
  if (rewind.to === "steps" && maxSteps !== undefined && rewind.count > maxSteps) {
    throw new InputError(
      `rewind=${spec.rewind} lies past the end of level 0, which has at most ${plural(maxSteps, "step")}: give up to ${maxSteps}it, or a larger maxSteps`,
    );
  }
  if (rewind.to !== "trained") return;
  if (keepTrained === false) {
    throw new InputError(
      `rewind=${spec.rewind} contradicts keepTrained=false: a level starts from the trained weights of the level before, which are stored: leave keepTrained out`,
    );
  }
  if (rewind.rate === "last" && lastRate(spec) === 0) {
    throw new InputError(
      `rewind=${spec.rewind} trains at the last learning rate, which is 0 by schedule ${spec.schedule}: give a schedule that ends above 0, or rewind=lr`,
    );
  }
}

/** Says where `none` and `lr` are the same. */
export function sameRewindNotice(spec: RewindKeys): string | undefined {
  const rewind = rewindOf(spec);
  if (rewind.to !== "trained" || rewind.rate === "anew" || spec.schedule !== undefined) return undefined;
  return "rewind=none trains as rewind=lr does where no schedule changes the learning rate: only the optimiser starts anew";
}
