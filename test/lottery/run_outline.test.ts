import { describe, expect, it, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { parseTasks } from "../../src/dataset/tasks.ts";
import { runOutline } from "../../src/lottery/run_outline.ts";
import { parseRunRecord } from "../../src/store/run_record.ts";

/** A record of format 1. */
const old = (spec: object) =>
  parseRunRecord(
    JSON.stringify({ name: "old", specHash: "0123456789ab", seed: 0, executor: "cpu, WebAssembly SIMD", spec }),
    "run.json",
  );
const outline = async (dataset: object, shape: number[], more = {}) =>
  runOutline(await old({ dataset, dataSeed: 0, shape, ...more }), "old/seed-0");

test("a record of format 2 says its own tasks and coverage, whatever its spec says", async () => {
  const tasks = parseTasks("a:1:1,b:5:1");
  const record = { ...(await old({ dataset: { dataset: "moons-circles" }, shape: [6, 8, 2] })), format: 2, tasks };
  expect(runOutline({ ...record, coverage: "input" }, "new")).toEqual({ tasks, coverage: "input" });
});

describe("a record of format 1", () => {
  it("takes them from a dataset known by name", async () => {
    expect(await outline({ dataset: "moons-circles" }, [4, 8, 2])).toEqual({
      tasks: parseTasks("circles:2:1,moons:2:1"),
      coverage: "total",
    });
    const { tasks, coverage } = await outline({ dataset: "mnist-fashion", classes: [1, 2, 3] }, [1568, 8, 6]);
    expect(coverage).toBe("output");
    expect(tasks).toEqual(parseTasks("mnist:784:3,fashion-mnist:784:3"));
  });

  it("takes them from what its own data declares, of any widths", async () => {
    const declared = { dataset: "my.csv", tasks: "a:2:1,b:4:1" };
    expect((await outline(declared, [6, 8, 2])).tasks).toEqual(parseTasks("a:2:1,b:4:1"));
    expect((await outline({ dataset: "my.npz", tasks: "a:2:1,b:3:1" }, [5, 8, 2])).tasks).toEqual(
      parseTasks("a:2:1,b:3:1"),
    );
  });

  it("knows own data without a declaration as one task over everything", async () => {
    expect((await outline({ dataset: "my.csv" }, [5, 8, 1])).tasks).toEqual(parseTasks("task:5:1"));
    expect((await outline({ dataset: "my.csv" }, [5, 8, 3])).tasks).toEqual(parseTasks("task:5:3"));
  });

  it("has its spec's coverage before the dataset's", async () => {
    expect((await outline({ dataset: "moons-circles" }, [4, 8, 2], { coverage: "output" })).coverage).toBe("output");
  });

  it.each([
    [{ dataset: "moons-circles" }, [6, 8, 2], "they have 4 inputs in all, the data or network has 6"],
    [{ dataset: "moons-circles" }, [5, 8, 2], "they have 4 inputs in all, the data or network has 5"],
    [{ dataset: "my.csv", tasks: "a:2:1,b:4:1" }, [5, 8, 2], "they have 6 inputs in all, the data or network has 5"],
    [{ dataset: "my.csv", tasks: "a:2" }, [5, 8, 2], '"a:2" is not name:inputs:outputs'],
    [{ dataset: "mooncircles" }, [4, 8, 2], 'dataset "mooncircles" is not known'],
    [{}, [4, 8, 2], "its spec has no dataset and shape that determine them"],
  ])("is refused where they cannot be told: %j of shape %j", async (dataset, shape, message) => {
    await expect(outline(dataset, shape)).rejects.toThrow(InputError);
    await expect(outline(dataset, shape)).rejects.toThrow(
      /^old\/seed-0: run\.json is of format 1, which names no tasks, and /,
    );
    await expect(outline(dataset, shape)).rejects.toThrow(message);
    await expect(outline(dataset, shape)).rejects.toThrow(/; run the spec again into another folder$/);
  });
});
