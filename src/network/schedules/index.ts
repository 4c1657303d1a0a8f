import { InputError } from "../../base/errors.ts";
import { Registry } from "../../base/registry.ts";
import { constant } from "./constant.ts";
import type { ScheduleNumbers } from "./schedule.ts";
import { warmup } from "./warmup.ts";

/** The learning-rate schedules that a spec can choose. */
export const schedules = new Registry("schedule", [constant, warmup]);

/** The schedule of the thesis. */
export const defaultSchedule = constant.name;

/** Notation of the schedules: `constant or warmup:<steps>`. */
export const scheduleChoice = schedules.entries
  .map(({ name, argument }) => (argument ? `${name}:<${argument}>` : name))
  .join(" or ");

/** Largest number of steps; exact in f32. */
const mostSteps = 2 ** 24;

/**
 * Reads `constant` or `warmup:500`.
 * @throws InputError when the schedule is unknown, or its argument is missing, not allowed or out of range
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
