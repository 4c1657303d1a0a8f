import * as z from "zod";
import { InputError } from "../base/errors.ts";
import { keyTexts } from "../base/key_texts.ts";
import { circles } from "./circles.ts";
import type { Curve } from "./curve.ts";
import {
  type CurveTask,
  type CurveValues,
  curveSamples,
  curveTasks,
  dependenceDefaults,
  dependenceOptions,
  mostNoise,
  sampleDefaults,
  sampleOptions,
} from "./curve_samples.ts";
import type { DatasetEntry } from "./entry.ts";
import { moons } from "./moons.ts";
import { noise } from "./noise.ts";
import { rings } from "./rings.ts";
import { spirals } from "./spirals.ts";
import { xor } from "./xor.ts";

/** The curves of {@link planes}. */
const named: readonly Curve[] = [circles, moons, spirals, xor, rings, noise];
const names = named.map(({ name }) => name);
const [fewest, most] = [2, 8];
const defaults = { ...sampleDefaults, ...dependenceDefaults, curves: "circles+moons", ...circles.defaults };

/** `circles`, `rings/3` (classes), `moons:0.3` (noise), `rings/3:0.2` */
const part = /^([a-z]+)(?:\/(\d{1,3}))?(?::(\d+(?:\.\d+)?|\.\d+))?$/;

/**
 * Reads the curves of a dataset.
 * @param text curves joined by +
 * @throws InputError saying what cannot be read, without the key and its value
 */
export function readCurves(text: string): CurveTask[] {
  const parts = text.split("+");
  if (parts.length < fewest || parts.length > most) {
    throw new InputError(`${parts.length === 1 ? "one curve" : `${parts.length} curves`}, not ${fewest} to ${most}`);
  }
  const times = new Map<string, number>();
  return parts.map((one): CurveTask => {
    const [, name, classes = "2", own] = part.exec(one) ?? [];
    const curve = named.find((known) => known.name === name);
    if (!curve) throw new InputError(`one is "${one}"`);
    const mostClasses = curve.mostClasses ?? 2;
    if (Number(classes) < 2 || Number(classes) > mostClasses) {
      throw new InputError(`${name} has ${mostClasses === 2 ? "2 classes" : `2 to ${mostClasses} classes`}`);
    }
    if (own !== undefined && Number(own) > mostNoise) {
      throw new InputError(`${name} has noise above ${mostNoise.toExponential()}`);
    }
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return {
      curve,
      name: time === 1 ? name : `${name}-${time}`,
      classes: Number(classes),
      noise: own === undefined ? undefined : Number(own),
    };
  });
}

/** Each spec has one text: spaces, which a + of a typed address becomes, are +, and two classes are not written. */
function canonical(text: string): string {
  return text
    .trim()
    .split(/[\s+]+/)
    .map((one) => one.replace(/\/0*2(?=:|$)/, ""))
    .join("+");
}

const options = {
  ...sampleOptions,
  ...dependenceOptions,
  curves: z
    .string()
    .max(200)
    .overwrite(canonical)
    .superRefine((text, context) => {
      try {
        readCurves(text);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        context.addIssue({ code: "custom", message: error.message });
      }
    })
    .optional()
    .register(keyTexts, {
      label: "Curves",
      meaning: "the tasks of planes, one for each curve",
      give: `a list of ${fewest} to ${most} of ${names.join(", ")}, joined by +, each with /<classes> where it has more than 2, and :<noise> for noise of its own, such as circles+rings/3+moons:0.3`,
      standard: defaults.curves,
    }),
  ...circles.options,
};

const coverage = "total";

/**
 * 2 to 8 classifications in the plane, each of two inputs, in the order of the key `curves`. A curve may be given several times; its
 * tasks are `circles`, `circles-2`, .. and have points of their own. The points of two curves are those of the dataset that has them by name.
 */
export const planes: DatasetEntry<typeof options> = {
  name: "planes",
  summary: `2 to 8 tasks in the plane, by the key curves: ${names.join(", ")}`,
  options,
  defaults,
  sources: [],
  check({ curves = defaults.curves, dependence = defaults.dependence, factor }) {
    const planned = readCurves(curves);
    const other = planned.find(({ classes }) => classes !== planned[0].classes);
    if (dependence > 0 && other) {
      throw new InputError(
        `dependence ${dependence} needs tasks of as many classes, ${planned[0].name} has ${planned[0].classes} and ${other.name} ${other.classes}: give curves of as many classes, or dependence=0`,
      );
    }
    if (factor !== undefined && !planned.some(({ curve }) => curve === circles)) {
      throw new InputError(`factor ${factor} is that of circles, which are not among curves ${curves}: remove it`);
    }
  },
  outline: ({ curves = defaults.curves }) => ({ tasks: curveTasks(readCurves(curves)), coverage }),
  load({ dataSeed, options: given }) {
    const curves = readCurves(given.curves ?? defaults.curves);
    const values = { ...defaults, ...given } as CurveValues;
    return { name: "planes", coverage, ...curveSamples(curves, dataSeed, values) };
  },
};
