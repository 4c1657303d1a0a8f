import { InputError } from "../base/errors.ts";
import { plural } from "../base/format.ts";
import { type LengthKeys, levelSteps } from "../network/level_steps.ts";

/** Most evaluations of a level whose values are kept: memory for all of them is taken before the level begins. */
const mostCurveEntries = 1_000_000;

/** The keys of a spec that decide when a level ends and is evaluated. */
interface Length extends LengthKeys {
  readonly keepCurves?: boolean | undefined;
}

/** The training samples of a spec. */
interface Samples {
  /** Name of the dataset. */
  readonly name: string;
  readonly samples: number;
}

/**
 * Checks how long a level is, and after how many steps it is evaluated.
 * @param train undefined: only what needs no data is checked
 * @throws InputError when the length is no multiple of the steps between two evaluations, the first of these lies past the end, or
 * more evaluations would be kept than there may be
 */
export function checkLength(spec: Length, train?: Samples): void {
  const { batch, maxEpochs, maxSteps, evaluateEvery, keepCurves } = spec;
  if (keepCurves && maxEpochs !== undefined && evaluateEvery === undefined && maxEpochs > mostCurveEntries) {
    throw new InputError(
      `maxEpochs ${maxEpochs} with keepCurves is above ${mostCurveEntries}, the most epochs of a level that are kept: give maxEpochs up to ${mostCurveEntries} or leave keepCurves out`,
    );
  }
  if (maxSteps === undefined && evaluateEvery === undefined) return;
  if (!train && (maxSteps === undefined || evaluateEvery === undefined)) return;
  const { perEpoch, evaluateEvery: every, most, evaluations } = levelSteps(spec, train?.samples ?? 1);
  const epoch = `${plural(perEpoch, "step")} each of ${train?.name} at batch ${batch}`;
  const length = maxSteps === undefined ? `maxEpochs ${maxEpochs} (${epoch}: ${most} steps)` : `maxSteps ${maxSteps}`;
  if (every > most) {
    throw new InputError(
      evaluateEvery === undefined
        ? `${length} ends a level within its first epoch of ${every} steps (${train?.name} at batch ${batch}), after which it is evaluated first: give maxSteps from ${every}, or evaluateEvery up to ${most}`
        : `evaluateEvery ${every} lies past the end of a level, by ${length}: give evaluateEvery up to ${most}, or a longer level`,
    );
  }
  if (most % every !== 0) {
    const below = evaluations * every;
    const interval =
      evaluateEvery === undefined
        ? `${every}, the steps of an epoch of ${train?.name} at batch ${batch}, after which a level is evaluated`
        : `evaluateEvery ${every}, the steps between two evaluations`;
    throw new InputError(
      `${length} is no multiple of ${interval}: give maxSteps=${below} or ${below + every}, or another evaluateEvery`,
    );
  }
  if (keepCurves && evaluations > mostCurveEntries) {
    throw new InputError(
      `${length} with ${evaluations} evaluations and keepCurves is above ${mostCurveEntries}, the most evaluations of a level that are kept: give a larger evaluateEvery, or leave keepCurves out`,
    );
  }
}
