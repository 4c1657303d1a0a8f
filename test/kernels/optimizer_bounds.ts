import { adamConstants as adam } from "../../src/network/optimizers/constants.ts";
import { unitRoundoff } from "./harness.ts";

const small = 2 ** -126;

/** A parameter, its moments and its optimiser settings. */
export interface ParameterStep {
  readonly optimizer: number;
  /** From 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly l1?: number;
  readonly warmupSteps?: number;
  /** A milestone of the schedule and its factor; 0: none. */
  readonly milestone1?: number;
  readonly milestoneFactor?: number;
  readonly parameter: number;
  readonly first: number;
  readonly second: number;
}

/** A value and a kernel's error bound. */
export interface Bounded {
  readonly value: number;
  readonly bound: number;
}

/**
 * Result of one optimiser step for a gradient, and the effect of an error in the gradient.
 * @param g the gradient
 * @param gError largest error of the kernel's gradient
 */
export function optimizerBounds(
  {
    optimizer,
    step,
    learningRate,
    momentum = 0.9,
    weightDecay = 0,
    l1 = 0,
    warmupSteps = 1,
    milestone1 = 0,
    milestoneFactor = 1,
    parameter,
    first: m0,
    second: v0,
  }: ParameterStep,
  g: number,
  gError: number,
): { parameter: Bounded; first: Bounded; second: Bounded } {
  const isPast = milestone1 > 0 && step > milestone1;
  const lr = learningRate * Math.min(1, step / warmupSteps) * (isPast ? milestoneFactor : 1);
  // With a schedule or weight decay, the rate and the kept share are rounded a few times more.
  const isPlain = weightDecay === 0 && l1 === 0 && step >= warmupSteps && !isPast;
  const w0 = parameter * (1 - lr * weightDecay);
  const extra = isPlain ? 0 : 8 * unitRoundoff;
  // Moves a value by no more than it moves another, so that it adds only its own rounding.
  const shrunk = (value: number) => Math.sign(value) * Math.max(0, Math.abs(value) - lr * l1);
  if (optimizer === 1) {
    const m = momentum * m0 + g;
    const mError = gError + 4 * unitRoundoff * (Math.abs(m0) + Math.abs(g)) + small;
    const wError = lr * mError + (4 * unitRoundoff + extra) * (Math.abs(parameter) + lr * Math.abs(m)) + small;
    return {
      parameter: { value: shrunk(w0 - lr * m), bound: wError + lr * l1 * extra },
      first: { value: m, bound: mError },
      second: { value: v0, bound: 0 },
    };
  }
  // The kernel's betas are f32, so 1 - beta carries the rounding of beta.
  const rest1 = 1 - adam.beta1;
  const rest2 = 1 - adam.beta2;
  const m = adam.beta1 * m0 + rest1 * g;
  const v = adam.beta2 * v0 + rest2 * g * g;
  const mError = rest1 * gError + unitRoundoff * (4 * (Math.abs(m0) + rest1 * Math.abs(g)) + Math.abs(g)) + small;
  const gSquaredError = 2 * Math.abs(g) * gError + gError ** 2;
  const vError = rest2 * gSquaredError + unitRoundoff * (4 * (v0 + rest2 * g * g) + g * g) + small;
  const correction1 = 1 - adam.beta1 ** step;
  const correction2 = 1 - adam.beta2 ** step;
  const root = (value: number) => Math.sqrt(Math.max(0, value) / correction2) + adam.epsilon;
  const leastRoot = root(v - vError);
  const update = Math.abs(m) / correction1 / root(v);
  const rootError = root(v + vError) - leastRoot;
  // 16 roundings: two bias corrections of up to 4, two divisions of 2.5, root, sum, product.
  const updateError = (mError / correction1 + update * rootError) / leastRoot + 16 * unitRoundoff * update;
  return {
    parameter: {
      value: shrunk(w0 - (lr * (m / correction1)) / root(v)),
      bound:
        lr * l1 * extra + lr * updateError + (2 * unitRoundoff + extra) * (Math.abs(parameter) + lr * update) + small,
    },
    first: { value: m, bound: mError },
    second: { value: v, bound: vError },
  };
}
