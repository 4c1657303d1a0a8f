import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Mask } from "../../src/mask/mask.ts";
import { nullTest } from "../../src/node.ts";
import { maskWith, sparseMask, twoTasks } from "../nulls/tickets.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
const tasks = ["--tasks", "circles:2:1,moons:2:1"];
const ticket = sparseMask([4, 12, 12, 2], 0.22, 3);

function masks(mask: Mask): string {
  const layers = mask.shape
    .slice(1)
    .map((outputs, layer) =>
      Array.from({ length: outputs }, (_, output) =>
        Array.from({ length: mask.shape[layer] }, (_, input) => Number(mask.has(layer, output, input))),
      ),
    );
  return JSON.stringify({ shape: mask.shape, masks: layers });
}

beforeAll(() => {
  const write = (name: string, content: string) => writeFileSync(join(cli.folder(), name), content);
  write("a.json", masks(ticket));
  write("b.json", masks(sparseMask([4, 12, 12, 2], 0.22, 4)));
  write("full.json", masks(Mask.full([4, 3, 2])));
  write(
    "split.json",
    masks(
      maskWith(
        [4, 9, 2],
        [0, 1].flatMap(
          (task) =>
            [
              [0, task, 2 * task],
              [0, task, 2 * task + 1],
              [1, task, task],
            ] as const,
        ),
      ),
    ),
  );
  write("wrong.json", "{}");
});

const documentOf = async (args: readonly string[]) =>
  JSON.parse((await cli.call(["analyze", ...args, "--json"])).stdout);

describe("analyze --null", () => {
  it("adds p-values to an analysis, those of the library, and draws the nulls", async () => {
    const { code, stdout, stderr } = await cli.call([
      "analyze",
      "a.json",
      ...tasks,
      "--null",
      "300",
      "--null-seed",
      "7",
      "--null-svg",
      "n.svg",
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain("null models: 300 masks of each, seed 7; p = (as extreme + 1) / (of + 1)");
    expect(stdout).toMatch(/^rewired: 16 swaps proposed for each weight, .* stationary: 200 chains from the ticket/m);
    expect(stderr).toMatch(/null models: 1 ticket in [\d.]+ s on \d+ threads?/);
    const { nulls } = await documentOf(["a.json", ...tasks, "--null", "300", "--null-seed", "7"]);
    expect(nulls).toEqual(
      JSON.parse(JSON.stringify(await nullTest(ticket, twoTasks, "total", { count: 300, seed: 7 }))),
    );
    const svg = readFileSync(join(cli.folder(), "n.svg"), "utf8");
    for (const said of ["a.json among masks by chance", "shuffled: p ", "untrained: p ", "task-modularity"])
      expect(svg).toContain(said);
  });

  it("corrects the p-values of many tickets, a table for each model", async () => {
    const { code, stdout, stderr } = await cli.call([
      "analyze",
      "a.json",
      "b.json",
      "split.json",
      "wrong.json",
      "a.json",
      ...tasks,
      "--null",
      "200",
      "--null-models",
      "rewired,shuffled",
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain("200 masks of each for each of 3 tickets, seed 0; p, and q in brackets");
    expect(stdout).toMatch(/\n\nshuffled\n.*\n\nrewired\n/s);
    expect(stdout).toMatch(/^split\.json +separated +0\.005 \(0\.015\) /m);
    expect(stdout).toMatch(/^q < 0\.05: separated 1 of 3, subnetworks/m);
    expect(stderr).toContain("left out: wrong.json: ");
    const { tickets } = await documentOf([
      "a.json",
      "b.json",
      "split.json",
      ...tasks,
      "--null",
      "200",
      "--null-models",
      "shuffled",
    ]);
    expect(tickets.map(({ ticket: path, state }: { ticket: string; state: string }) => [path, state])[2]).toEqual([
      "split.json",
      "separated",
    ]);
    const { p, q } = tickets[2].models.shuffled.statistics.separated;
    expect(q).toBe(3 * p);
  });

  it("says in words where there are no nulls", async () => {
    const { code, stdout } = await cli.call(["analyze", "full.json", ...tasks, "--null", "50"]);
    expect(code).toBe(0);
    expect(stdout).toContain("rewired: no swap is possible: layer 1 is full, layer 2 is full");
    expect(stdout).not.toContain(" p-value");
  });

  it("refuses what does not fit in one line and writes nothing", async () => {
    const refused: [string[], RegExp][] = [
      [["a.json", "--null", "0"], /--null 0: it is no number of masks from 1 to 1000000; give one, such as 10000/],
      [["a.json", "--null", "many"], /--null "many", read as NaN: it is no number of masks/],
      [["a.json", "--null", "1e9"], /--null "1e9", read as NaN: it is no number of masks/],
      [["a.json", "--null", "2000000"], /--null 2000000: it is no number of masks from 1 to 1000000/],
      [
        ["a.json", "--null", "10", "--null-seed", "-1"],
        /--null-seed -1: it is no integer from 0 to 4294967295; give one/,
      ],
      [
        ["a.json", "--null", "10", "--null-models", "coin"],
        /null model "coin" is not known: give shuffled, rewired, random-mask or untrained/,
      ],
      [["a.json", "--null-seed", "3"], /--null-seed 3 is for masks by chance: give --null 10000 too/],
      [["a.json", "b.json"], /analyze takes one ticket, and 2 are given, such as b\.json: give one, or --null 10000/],
      [
        ["a.json", "b.json", "--null", "10", "--null-svg", "no.svg"],
        /--svg and --null-svg draw one ticket, and 2 are given/,
      ],
      [["a.json", "--null", "10", "--svg", "no.svg", "--null-svg", "no.svg"], /--svg and --null-svg both name no\.svg/],
      [
        ["full.json", "--null", "10", "--null-svg", "no.svg"],
        /--null-svg no\.svg: there is nothing to draw, as no model has nulls of full\.json/,
      ],
      [["wrong.json", "--null", "10"], /^split-ticket: wrong\.json: /],
    ];
    const unknown = await cli.call(["analyze", "a.json", "--tasks", "unknown", "--null", "10"]);
    expect(unknown.stderr).toMatch(
      /--null 10 holds the structure of named tasks against chance, and --tasks unknown names none/,
    );
    expect(unknown.code).toBe(2);
    for (const [args, message] of refused) {
      const { code, stdout, stderr } = await cli.call(["analyze", ...args, ...tasks]);
      const line = stderr.trimEnd().split("\n").at(-1) ?? "";
      expect(line, args.join(" ")).toMatch(message);
      expect([code, stdout]).toEqual([2, ""]);
    }
    expect(existsSync(join(cli.folder(), "no.svg"))).toBe(false);
  });
});

describe("run with nulls", () => {
  it("records the p-values of every level, which analyze gives again, and shows them in show, table and report", async () => {
    writeFileSync(
      join(cli.folder(), "tiny.json"),
      JSON.stringify({
        dataset: "moons-circles",
        shape: [4, 8, 2],
        levels: 2,
        rate: 0.6,
        maxEpochs: 2,
        samples: 100,
        nulls: 60,
      }),
    );
    const ran = await cli.call(["run", "tiny.json", "--seeds", "0,1", "--device", "cpu"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(
      "level 2 among masks by chance, 60 masks of each null model: p by model and statistic",
    );
    const folder = /^results: (.*)$/m.exec(ran.stdout)?.[1] ?? "";
    const lines = readFileSync(join(cli.folder(), folder, "seed-1", "levels.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    const levels = lines.map((line) => JSON.parse(line));
    expect(levels[0].nulls.models.rewired.impossible).toBe("no swap is possible: layer 1 is full, layer 2 is full");
    const { nulls } = await documentOf([`${folder}/seed-1`, "--null", "60"]);
    const shown = levels.find(({ state }) => state === "separated") ?? levels[2];
    expect(nulls).toEqual(shown.nulls);
    const show = await cli.call(["show", `${folder}/seed-1`]);
    expect(show.stdout).toContain("among masks by chance, 60 masks of each null model");
    expect((await cli.call(["show", folder, "--json"])).stdout).toContain('"swapsPerWeight"');
    const table = await cli.call(["table", folder]);
    expect(table.stdout.split("\n")[0]).toContain("nulls.models.shuffled.statistics.task-modularity.p");
    const report = await cli.call(["report", folder, "-o", "r.html"]);
    expect(report.code).toBe(0);
    const html = readFileSync(join(cli.folder(), "r.html"), "utf8");
    for (const said of ["Among masks by chance", 'id="null-levels"', "Separated beyond chance"])
      expect(html).toContain(said);
    // The command goes on with what is there.
    expect((await cli.call(["run", "tiny.json", "--seeds", "0,1", "--device", "cpu"])).stdout).toContain(
      "among masks by chance",
    );
    expect((await cli.call(["verify", folder])).code).toBe(0);
  });
});
