import { expect, it } from "vitest";
import { neuronTasks } from "../../src/analysis/neuron_tasks.ts";
import { ticket, twoTasks } from "./drawn.ts";

/** Hidden 0 reaches circles only, hidden 1 both tasks; hidden 2 is a zombie of moons; hidden 3 reaches no output. */
const drawn = ticket([4, 4, 2], ["0-0 1-1 2-1 3-3", "0-0 1-0 1-1 2-1"]);

it("finds the tasks that a neuron has a path to and from", () => {
  const { to, from } = neuronTasks(drawn, twoTasks);
  expect(to.map((layer) => [...layer])).toEqual([
    [1, 3, 3, 0],
    [1, 3, 2, 0],
    [1, 2],
  ]);
  expect(from.map((layer) => [...layer])).toEqual([
    [1, 1, 2, 2],
    [1, 3, 0, 2],
    [3, 3],
  ]);
});
