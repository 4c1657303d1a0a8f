import { describe, expect, it } from "vitest";
import { TableColumns } from "../../src/table/columns.ts";
import { type CellValue, flatten } from "../../src/table/flatten.ts";

/** The type of a column with some cells; undefined is an empty cell. */
function typeOf(...cells: CellValue[]): unknown {
  const found = new TableColumns();
  for (const cell of cells) found.add(new Map([["x", cell]]));
  return found.columns()[0].type;
}

describe("fields become cells", () => {
  it("with dots, lists whole, null as an empty cell, unknown fields as others", () => {
    const record = { level: 1, weights: { active: 3, later: { x: true } }, list: [1, [2]], none: null, later: "text" };
    expect(flatten(record, "last.")).toEqual([
      ["last.level", 1],
      ["last.weights.active", 3],
      ["last.weights.later.x", true],
      ["last.list", [1, [2]]],
      ["last.none", undefined],
      ["last.later", "text"],
    ]);
  });

  it("and two of one name are refused", () => {
    expect(() => flatten({ a: { "b.c": 1, b: { c: 2 } } })).toThrow("two fields of a record are named a.b.c");
  });
});

describe("the type of a column", () => {
  it.each([
    [[1, -(2 ** 31), 2 ** 31 - 1], { kind: "int32" }],
    [[1, 2 ** 31], { kind: "int64" }],
    [[Number.MAX_SAFE_INTEGER, undefined], { kind: "int64" }],
    [[1, 2 ** 53], { kind: "double" }],
    [[1, 0.5], { kind: "double" }],
    [[2 ** 40, Number.NaN], { kind: "double" }],
    [[Number.POSITIVE_INFINITY], { kind: "double" }],
    [[-0], { kind: "double" }],
    [[true, undefined, false], { kind: "boolean" }],
    [["a", ""], { kind: "string" }],
    [[undefined], { kind: "string" }],
    [[1, "a"], { kind: "json" }],
    [[true, 1], { kind: "json" }],
    [[[1, 0.5, null]], { kind: "list", depth: 1, of: "double" }],
    [[[0, 1], [], undefined], { kind: "list", depth: 1, of: "double" }],
    [[[], [], undefined], { kind: "list", depth: 1, of: "double" }],
    [[[], ["a"], [null]], { kind: "list", depth: 1, of: "string" }],
    [[["a"], []], { kind: "list", depth: 1, of: "string" }],
    [[[], [[], [true]]], { kind: "list", depth: 2, of: "boolean" }],
    [[[[]], [1]], { kind: "json" }],
    [[[[1, 0]], [[0.5], [1]]], { kind: "list", depth: 2, of: "double" }],
    [[["a", "b"]], { kind: "list", depth: 1, of: "string" }],
    [[[1, "a"]], { kind: "json" }],
    [[[1], [[1]]], { kind: "json" }],
    [[[{ a: 1 }]], { kind: "json" }],
    [[[1], 1], { kind: "json" }],
  ])("of %j is %j", (cells, type) => {
    expect(typeOf(...(cells as CellValue[]))).toEqual(type);
  });

  it("is the known one, whatever a table's cells are, unless they do not fit", () => {
    const found = new TableColumns((name) => {
      if (name === "lost") return { kind: "list", depth: 1, of: "string" };
      return name === "level" ? undefined : { kind: "double" };
    });
    found.add(new Map<string, CellValue>(Object.entries({ level: 0, loss: 1, none: undefined, odd: 1, lost: [] })));
    found.add(new Map<string, CellValue>(Object.entries({ level: 1, loss: 1, none: undefined, odd: "x", lost: [] })));
    expect(found.columns()).toEqual([
      { name: "level", type: { kind: "int32" } },
      { name: "loss", type: { kind: "double" } },
      { name: "none", type: { kind: "double" } },
      { name: "odd", type: { kind: "json" } },
      { name: "lost", type: { kind: "list", depth: 1, of: "string" } },
    ]);
  });
});

describe("the columns of rows", () => {
  const names = (...rows: Record<string, CellValue>[]) => {
    const found = new TableColumns();
    for (const row of rows) found.add(new Map(Object.entries(row)));
    return found.columns().map(({ name }) => name);
  };

  it("are those of all rows, each after the one that it follows in its row", () => {
    expect(names({ a: 1, "v.x": 1, c: 1 }, { a: 1, "v.y": 1, "v.z": 1, c: 1, d: 1 }, { first: 1, a: 1 })).toEqual([
      "first",
      "a",
      "v.y",
      "v.z",
      "v.x",
      "c",
      "d",
    ]);
  });

  it("hold of the spec only what differs, or what some rows lack", () => {
    expect(
      names(
        { "spec.lr": 0.1, "spec.shape": [4, 2], "spec.batch": 64, x: 1 },
        { "spec.lr": 0.2, "spec.shape": [4, 2], x: 1 },
        { "spec.lr": 0.2, "spec.shape": [4, 2], x: 1 },
      ),
    ).toEqual(["spec.lr", "spec.batch", "x"]);
    expect(names({ "spec.shape": [4, 2] }, { "spec.shape": [4, 3] })).toEqual(["spec.shape"]);
  });
});
