import { expect, it } from "vitest";
import { DisjointSets } from "../../src/analysis/disjoint_sets.ts";

it("joins sets and names each by its smallest member, whatever the order of the unions", () => {
  const sets = new DisjointSets(6);
  sets.join(5, 3);
  sets.join(1, 2);
  sets.join(3, 2);
  sets.join(3, 5);
  expect([0, 1, 2, 3, 4, 5].map((member) => sets.root(member))).toEqual([0, 1, 1, 1, 4, 1]);
});
