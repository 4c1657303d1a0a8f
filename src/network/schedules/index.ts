import { InputError } from "../../base/errors.ts";
import { Registry } from "../../base/registry.ts";
import { constant } from "./constant.ts";
import type { ScheduleNumbers } from "./schedule.ts";
import { warmup } from "./warmup.ts";

/** The learning-rate schedules that a spec can choose. */
export const schedules = new Registry("schedule", [constant, warmup]);

/** The thesis'. */
export const defaultSchedule = constant.name;

/** How schedules are written: `constant or warmup:<steps>`. */
export const scheduleChoice = schedules.entries
  .map(({ name, argument }) => (argument ? `${name}:<${argument}>` : name))
  .join(" or ");

/** Steps at most: exact in f32. */
const mostSteps = 2 ** 24;

/**
 * Reads `constant` or `warmup:500`.
 * @throws InputError when there is no such schedule, or its argument is missing, needless or out of its range
 */
export function parseSchedule(text: string): ScheduleNumbers {
  const [name, argument, ...rest] = text.split(":");
  const schedule = schedules.get(name);
  const number = argument === undefined ? 1 : Number(argument);
  const takes = schedule.argument !== undefined;
  const isCount = Number.isInteger(number) && number >= 1 && number <= mostSteps;
  if (rest.length > 0 || takes !== (argument !== undefined) || !isCount) {
    const wanted = takes ? `${name}:<${schedule.argument}>, an integer from 1 to ${mostSteps}` : name;
    throw new InputError(`schedule "${text}" does not fit: give ${wanted}`);
  }
  return schedule.numbers(number);
}
