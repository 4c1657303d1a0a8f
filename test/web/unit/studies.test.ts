import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { branchData } from "../../../src/lottery/branch/data.ts";
import { branch, run } from "../../../src/node.ts";
import { MemoryFiles } from "../../../src/store/memory.ts";
import { studyFieldAtFault } from "../../../src/web/page/study_faults.ts";
import type { BranchRequest, Opened, StabilityRequest } from "../../../src/web/protocol.ts";
import { LocalLaboratory } from "../../../src/web/worker/laboratory.ts";

let root: string;
let page: LocalLaboratory;
let opened: Extract<Opened, { kind: "runs" }>;
/** Folder of the seeds of the run, and number of its branches. */
let source: string;
let branches: number;

/** The files below a folder, as a page gets them. */
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path.slice(root.length + 1), new Uint8Array(readFileSync(path))] as const);

beforeAll(async () => {
  // Node before 21 has none.
  (globalThis as { navigator?: object }).navigator ??= { hardwareConcurrency: 1, userAgent: "Node" };
  root = mkdtempSync(join(tmpdir(), "split-ticket-studies-"));
  const keys = { dataset: "moons-circles", base: [4, 8, 8, 2], extension: 2, rate: 0.32, maxEpochs: 2 };
  const { experiments } = await run({ ...keys, seeds: [0, 1] }, { device: "cpu", out: join(root, "runs") });
  source = String(experiments[0].folder);
  const trained = await branch(source, { kinds: ["reinit", "order"], seeds: [0, 1], levels: [2] });
  branches = trained.sources.flatMap((each) => each.branches).length;
  page = new LocalLaboratory(new URL("http://127.0.0.1/"), () => {});
  opened = (await page.openFolder("runs", filesBelow(join(root, "runs")))) as typeof opened;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const request = (choice: Partial<BranchRequest["choice"]>, seeds = [0, 1]): BranchRequest => ({
  paths: seeds.map((seed) => opened.runs[seed].path),
  device: "auto",
  engine: "auto",
  choice: { kinds: ["reinit", "order"], ...choice },
});

it("opens runs with their branches, which are no runs of their own, and branches alone, which are", async () => {
  expect(opened.runs.map(({ seed, branch }) => [seed, branch])).toEqual([
    [0, undefined],
    [1, undefined],
  ]);
  expect([branches, opened.branches.length]).toEqual([10, 10]);
  const archive = await page.archive();
  const other = new LocalLaboratory(new URL("http://127.0.0.1/"), () => {});
  const again = await other.openFile("runs.zip", archive, { coverage: "total" });
  expect(again).toEqual(opened);
  expect(Buffer.compare(await other.archive(), archive)).toBe(0);
  await other.reset();
  const [folder] = readdirSync(join(root, "runs")).filter((name) => /reinit/.test(name));
  const alone = (await other.openFolder("branches", filesBelow(join(root, "runs", folder)))) as typeof opened;
  expect(alone.branches).toEqual([]);
  expect(alone.runs.map(({ branch }) => branch?.kind)).toEqual(["reinit", "reinit"]);
  expect((await other.branchUse(alone.runs[0].path)).problem).toMatch(/: it is a branch itself; give the run that/);
});

it("tells how much is trained without making each branch", async () => {
  expect(await page.branchesPlan(request({ seeds: [0, 1], levels: [2] }))).toEqual({
    runs: branches,
    levels: branches,
  });
  expect(await page.branchesPlan(request({ seeds: [...Array(9999).keys()] }))).toEqual({ runs: 39998, levels: 79996 });
  const stability: StabilityRequest = { ...request({}), choice: { copies: 3 } };
  expect(await page.stabilityPlan(stability)).toEqual({ runs: 6, levels: 18 });
});

const one = { kinds: ["transplant"] };
const other = { kinds: ["data"] };
it.each<[string, () => BranchRequest["choice"], string]>([
  ["a level that is not finished", () => ({ kinds: [], levels: [3] }), "levels"],
  ["level 0 of a mask", () => ({ kinds: ["shuffled"], levels: [0] }), "levels"],
  ["a branch seed below 0", () => ({ kinds: ["reinit"], seeds: [-1] }), "seeds"],
  ["too many runs", () => ({ kinds: ["reinit", "order", "shuffled"], seeds: [...Array(10001).keys()] }), "seeds"],
  ["the run itself", () => ({ ...one, from: opened.runs[0].path }), "from"],
  ["its own data", () => ({ ...other, data: { name: "moons-circles" } }), "data"],
  ["a dataSeed below 0", () => ({ ...other, data: { name: "moons-circles", dataSeed: -1 } }), "dataSeed"],
])("tells the error of %s at its field", async (_, choice, field) => {
  const asked = request(choice(), [0]);
  const error = await page.branchesPlan(asked).catch((error: Error) => error);
  expect(error).toBeInstanceOf(Error);
  expect([String(error), studyFieldAtFault((error as Error).message, asked.choice.from)]).toEqual([
    String(error),
    field,
  ]);
});

it("names other data by a preset and a seed as a spec file does", async () => {
  const file = new TextEncoder().encode('{"dataset":"moons-circles","dataSeed":3}');
  const files = new MemoryFiles([["other.json", file]]);
  const { keys } = await branchData({ name: "moons-circles", dataSeed: 3 }, files);
  expect(keys).toEqual((await branchData({ name: "other.json" }, files)).keys);
});
