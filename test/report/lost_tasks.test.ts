import { expect, it } from "vitest";
import { lostTasks, winningWords } from "../../src/report/lost_tasks.ts";
import { levelRecord } from "../store/records.ts";

/** The lost tasks of every level, from the names that are lost at each. */
function told(...lost: (string[] | undefined)[]): string[] {
  const levels = lost.map((tasks, level) => levelRecord({ level, lost: tasks }));
  return levels.map((record) => lostTasks(record, levels));
}

it("a task was never learnt if it is lost at every level so far, level 0 included", () => {
  expect(told(["a"], ["a"], ["a", "b"])).toEqual(["a: never learnt", "a: never learnt", "a: never learnt, b: lost"]);
  expect(told(["a"], [], ["a"])).toEqual(["a: never learnt", "", "a: lost"]);
  expect(told([], ["a"], ["a"])).toEqual(["", "a: lost", "a: lost"]);
});

it("after levels of an older version a task is lost, since nobody knows what was before", () => {
  expect(told(undefined, ["a"])).toEqual(["", "a: lost"]);
});

it("winning and the lost tasks are told together", () => {
  const levels = [levelRecord({ lost: [] }), levelRecord({ level: 1, lost: ["moons"], winning: false })];
  expect(levels.map((record) => winningWords(record, levels))).toEqual(["winning", "not winning, moons: lost"]);
});
