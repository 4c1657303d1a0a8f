import { expect, it } from "vitest";
import { inputUse } from "../../src/analysis/input_use.ts";
import { neuronTasks } from "../../src/analysis/neuron_tasks.ts";
import { reachability } from "../../src/analysis/reachability.ts";
import { ticket, twoTasks } from "./drawn.ts";

/** Hidden 0 serves circles alone, hidden 1 both, hidden 2 is a zombie of moons, hidden 3 leads nowhere. */
const drawn = ticket([4, 4, 2], ["0-0 1-1 2-1 3-3", "0-0 1-0 1-1 2-1"]);

it("tells which tasks a neuron serves and which feed it", () => {
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

it("counts the active weights that leave each input", () => {
  expect([...inputUse(drawn, reachability(drawn))]).toEqual([1, 1, 1, 0]);
  const wide = ticket([40, 2, 2], ["0-0 39-0 39-1", "0-0 1-1"]);
  const use = inputUse(wide, reachability(wide));
  expect([use[0], use[39], use.reduce((sum, count) => sum + count, 0)]).toEqual([1, 2, 3]);
});
