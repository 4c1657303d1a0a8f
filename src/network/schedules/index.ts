import { InputError } from "../../base/errors.ts";
import { Registry } from "../../base/registry.ts";
import { constant } from "./constant.ts";
import { milestones } from "./milestones.ts";
import type { Schedule, ScheduleNumbers } from "./schedule.ts";
import { warmup } from "./warmup.ts";

/** The learning-rate schedules that a spec can choose. */
export const schedules = new Registry<Schedule>("schedule", [constant, warmup, milestones]);

/** The schedule of the thesis. */
export const defaultSchedule = constant.name;

/** Notation of a schedule: `warmup:<steps>`. */
function notationOf({ name, notation }: Schedule): string {
  return notation === "" ? name : `${name}:${notation}`;
}

/** Notation of the schedules. */
export const scheduleChoice = `${schedules.entries.map(notationOf).join(", ")}, or warmup and milestones joined by +`;

/** The text of a schedule with its parts joined by a + alone: a space counts as one, which an address turns into one. */
export function plainSchedule(text: string): string {
  return text.trim().replaceAll(/ *[+ ] */g, "+");
}

/**
 * Reads `constant`, `warmup:500`, `milestones:1000,2000:0.1` or `warmup:500+milestones:1000,2000:0.1`.
 * @throws InputError when a schedule is unknown, its arguments do not fit, or two do not go together
 */
export function parseSchedule(text: string): ScheduleNumbers {
  const parts = plainSchedule(text)
    .split("+")
    .map((part) => part.split(":"));
  const numbers = parts.map(([name, ...args]) => {
    const schedule = schedules.get(name);
    const own = schedule.numbers(args);
    if (own) return own;
    const wanted = [notationOf(schedule), schedule.give].filter((each) => each !== "").join(", ");
    throw new InputError(`schedule "${text}" does not fit: give ${wanted}`);
  });
  const names = parts.map(([name]) => name);
  if (names.length > 1 && (names.includes(constant.name) || new Set(names).size < names.length)) {
    throw new InputError(`schedule "${text}" does not fit: give one of each of warmup and milestones, joined by +`);
  }
  return Object.assign({ warmupSteps: 1, milestones: [], factor: 1 }, ...numbers);
}
