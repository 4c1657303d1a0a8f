import { expect, it } from "vitest";
import { branchLevels } from "../../../src/lottery/branch/branch_levels.ts";
import { instability, linePoints } from "../../../src/lottery/branch/line.ts";
import { ticketWorth } from "../../../src/lottery/branch/worth.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { levelRecord } from "../../store/records.ts";

it("a ticket is trivial, only by IMP or too sparse by the share of runs that win: half is enough", () => {
  const of = (kind: string, wins: number, runs: number) => ({ kind, wins, runs });
  const controls = (wins: number) => [of("reinit", 0, 4), of("shuffled", wins, 5)];
  expect(ticketWorth({ wins: 1, runs: 2 }, controls(2))).toBe("only by IMP");
  expect(ticketWorth({ wins: 1, runs: 2 }, controls(3))).toBe("trivial");
  expect(ticketWorth({ wins: 2, runs: 2 }, [of("reinit", 2, 4)])).toBe("trivial");
  expect(ticketWorth({ wins: 0, runs: 1 }, controls(5))).toBe("too sparse");
  expect(ticketWorth({ wins: 2, runs: 5 }, [])).toBe("too sparse");
  expect(ticketWorth({ wins: 1, runs: 1 }, [])).toBe("no control");
});

it("branches are gathered by the level of their run, with wins and states of their masks, and controls alone decide", () => {
  const record = (level: number, sourceLevel: number, winning: boolean, state: "separated" | "degraded") =>
    levelRecord({ level, sourceLevel, winning, state });
  const run = (kind: string, isControl: boolean, records: ReturnType<typeof record>[], branchSeed?: number) => ({
    ...{ kind, isControl, seed: 0, branchSeed, folder: null, levels: records },
  });
  const [dense, ...levels] = branchLevels([
    {
      ...{ path: "p", name: "n", seed: 0, executor: "cpu", levels: [levelRecord({ level: 0 })] },
      branches: [
        run("ticket", false, [record(0, 3, true, "separated"), record(1, 5, true, "separated")]),
        run("reinit", true, [record(0, 3, true, "separated"), record(1, 5, false, "degraded")], 0),
        run("reinit", true, [record(0, 3, true, "degraded"), record(1, 5, false, "degraded")], 1),
        run("same-sign", false, [record(0, 3, true, "separated"), record(1, 5, true, "separated")], 0),
      ],
    },
  ]);
  expect([dense.level, dense.worth, dense.kinds.map(({ kind }) => kind)]).toEqual([0, null, ["dense"]]);
  expect(levels.map(({ level, worth }) => [level, worth])).toEqual([
    [3, "trivial"],
    [5, "only by IMP"],
  ]);
  const [, reinit] = levels[0].kinds;
  expect(reinit).toMatchObject({ kind: "reinit", wins: 2, keepsUp: true, states: { separated: 1, degraded: 1 } });
  expect(reinit.runs.map(({ branchSeed }) => branchSeed)).toEqual([0, 1]);
});

it("a line has its ends at the networks, and instability is the rise above the mean of the ends", () => {
  const [first, second] = [initialParameters([3, 4, 2], 0), initialParameters([3, 4, 2], 1)];
  const points = [...linePoints(first, second, 5)];
  expect(points.map(({ point }) => point)).toEqual([0, 1, 2, 3, 4]);
  expect(points[0].parameters.values).toEqual(first.values);
  expect(points[4].parameters.values).toEqual(second.values);
  expect(points[1].parameters.values[2]).toBe(Math.fround(0.75 * first.values[2] + 0.25 * second.values[2]));
  expect(instability([0.1, 0.2, 0.5, 0.2])).toBeCloseTo(0.35, 12);
  expect(instability([0.1, 0.05, 0.3])).toBeCloseTo(0.1, 12);
  expect(instability([0.2, 0.1, 0.2])).toBe(0);
});
