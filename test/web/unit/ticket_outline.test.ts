import { describe, expect, it } from "vitest";
import { analyze } from "../../../src/analysis/analyze.ts";
import { InputError } from "../../../src/base/errors.ts";
import { parseTasks } from "../../../src/dataset/tasks.ts";
import { readTicket, writeTicket } from "../../../src/store/ticket_file.ts";
import { plan, plannedCoverage, readAddress } from "../../../src/web/page/settings.ts";
import { ticketOutline } from "../../../src/web/worker/ticket_outline.ts";
import { ticket, twoTasks } from "../../analysis/drawn.ts";

/** Two subnetworks; input 3, of moons, is cut off. */
const mask = ticket([4, 2, 2], ["0-0 1-0 2-1", "0-0 1-1"]);
const bare = readTicket(writeTicket({ mask, metadata: { level: "3" } }), "bare");
const run = { shape: mask.shape, tasks: parseTasks("a:1:1,b:3:1"), coverage: "input" } as const;

describe("a ticket opened alone", () => {
  it("is analysed by what its file says, whatever is open or set", () => {
    const analysis = { tasks: twoTasks, coverage: "output" } as const;
    const saved = readTicket(writeTicket({ mask, analysis, metadata: {} }), "saved");
    const outline = ticketOutline(saved, [run], { tasks: "c:4:2", coverage: "total" });
    expect(outline).toEqual({ ...analysis, source: "ticket" });
    // The state depends on the coverage: by output the network has separated, by total moons is degraded.
    expect(analyze(saved.mask, outline!.tasks, outline!.coverage).state).toBe("separated");
    expect(analyze(saved.mask, outline!.tasks, "total").state).toBe("degraded");
  });

  it("else by an open run of its shape", () => {
    const other = { ...run, shape: [4, 3, 2], coverage: "total" } as const;
    const { tasks, coverage } = run;
    expect(ticketOutline(bare, [other, run], { coverage: "total" })).toEqual({ tasks, coverage, source: "run" });
  });

  it("else by the visitor's tasks and the page's setting", () => {
    expect(ticketOutline(bare, [], { coverage: "output" })).toBeUndefined();
    expect(ticketOutline(bare, [], { tasks: "circles:2:1,moons:2:1", coverage: "output" })).toEqual({
      tasks: parseTasks("circles:2:1,moons:2:1"),
      coverage: "output",
      source: "settings",
    });
    expect(() => ticketOutline(bare, [], { tasks: "circles", coverage: "output" })).toThrow(InputError);
  });
});

it("the page's coverage is the one set, else that of the dataset set", () => {
  const coverageOf = (address: string) => plannedCoverage(plan(readAddress(address)));
  expect(coverageOf("#preset=moons-circles")).toBe("total");
  expect(coverageOf("#preset=mnist-fashion")).toBe("output");
  expect(coverageOf("#preset=mnist-fashion&coverage=input")).toBe("input");
  expect(plannedCoverage(new InputError("wrong"))).toBe("total");
});
