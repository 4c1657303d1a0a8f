import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeTimes } from "../../../src/run/speed/node.ts";
import { formatTimes, parseTimes } from "../../../src/run/speed/record.ts";
import { memoryTimes } from "../../../src/run/speed/store.ts";

const measured = { adapter: "nvidia-h200 580.159.04", version: "0.1.0", cpu: "AMD EPYC" };
const stepUs = { "cpu: (4,57,57,2)": 53.1, "adapter: 3 x (4,57,57,2)": 36 };

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-times-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a file of measured times", () => {
  const text = formatTimes(measured, stepUs);

  it("gives the times that were written", () => {
    expect(parseTimes(text, measured)).toEqual(stepUs);
  });

  it.each(["adapter", "version", "cpu"] as const)("of another %s gives none", (key) => {
    expect(parseTimes(text, { ...measured, [key]: "another" })).toEqual({});
  });

  it.each([
    ["nothing", ""],
    ["half a file", text.slice(0, text.length / 2)],
    ["another file", "{}"],
    ["a list", "[1]"],
    ["a time that is no number", text.replace("53.1", '"fast"')],
    ["a time of 0", text.replace("53.1", "0")],
    ["a later format", text.replace('"format": 1', '"format": 2')],
  ])("that holds %s gives none", (_, broken) => {
    expect(broken).not.toBe(text);
    expect(parseTimes(broken, measured)).toEqual({});
  });
});

describe("the store of measured times", () => {
  it("keeps a file for each adapter in its folder", async () => {
    const folder = join(root, "new", "step-times");
    const store = nodeTimes(folder);
    expect(await store.read(measured.adapter)).toBeUndefined();
    await store.write(measured.adapter, "one");
    await store.write("Other/Adapter", "two");
    expect(readdirSync(folder)).toEqual(["nvidia-h200-580.159.04.json", "other-adapter.json"]);
    expect([await store.read(measured.adapter), await store.read("Other/Adapter")]).toEqual(["one", "two"]);
    expect(store.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it("does without a folder that cannot be used", async () => {
    writeFileSync(join(root, "file"), "");
    const store = nodeTimes(join(root, "file"));
    await store.write(measured.adapter, "one");
    expect(await store.read(measured.adapter)).toBeUndefined();
  });

  it("keeps times in memory in a page", async () => {
    const store = memoryTimes("1");
    expect(await store.read("a")).toBeUndefined();
    await store.write("a", "one");
    expect([await store.read("a"), await store.read("b"), store.version]).toEqual(["one", undefined, "1"]);
  });
});
