import { parseHTML } from "linkedom";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { composeFigure, type Figure } from "../../src/report/figure.ts";
import { accuracyBySeed, accuracyByTask } from "../../src/report/figures/accuracy.ts";
import { activeAtEnd } from "../../src/report/figures/active_at_end.ts";
import { degreeOfSeparation } from "../../src/report/figures/degree.ts";
import { gridOutcomes, gridRates } from "../../src/report/figures/grid.ts";
import { heatMaps } from "../../src/report/figures/heat_maps.ts";
import { lossByActive } from "../../src/report/figures/loss_by_active.ts";
import { groupOutcomes, outcomeShares } from "../../src/report/figures/outcome_shares.ts";
import { separationWeights } from "../../src/report/figures/separation_weights.ts";
import { unusedWeights } from "../../src/report/figures/unused_weights.ts";
import { extensionOf } from "../../src/report/reported_run.ts";
import { runFigures } from "../../src/report/run_report.ts";
import { extensionRun } from "./reported.ts";

const runs = [
  extensionRun(2, 0),
  extensionRun(2, 1, ["separated"]),
  extensionRun(3, 0, ["separated"], { winning: false, lost: ["moons"] }),
  extensionRun(3, 1, ["separated", "degraded"]),
];

function elements(figure: Figure) {
  const { document } = parseHTML(`<body>${figure.svg}</body>`);
  /** The shapes within the groups of this name, in all facets. */
  const marks = (label: string) =>
    [...document.querySelectorAll(`g[data-mark="${label}"]`)].flatMap((group) => [
      ...group.querySelectorAll("path, rect, line, circle"),
    ]);
  return { document, marks, text: document.querySelector("svg")?.textContent ?? "" };
}

const data = (figure: Figure) => Papa.parse<Record<string, string>>(figure.csv.trimEnd(), { header: true }).data;

describe("the outcome shares", () => {
  const groups = groupOutcomes(runs, "ours", extensionOf);
  const theirs = { source: "thesis", group: 2, outcomes: ["separated", "interconnected"] } as const;
  const figure = outcomeShares([...groups, theirs], "extension level", "caption");

  it("stack a bar per outcome, ours and published, with an interval per group", () => {
    const { marks, text } = elements(figure);
    const fills = marks("bar").map((bar) => bar.getAttribute("fill"));
    expect(fills).toHaveLength(6);
    expect(fills).toContain("url(#outcome-shares-hatch-crossed-009E73)");
    expect(marks("tick")).toHaveLength(6);
    for (const label of ["separated, task lost", "separated-degraded", "ours", "thesis"]) expect(text).toContain(label);
  });

  it("are drawn from the data beside them", () => {
    const rows = data(figure);
    expect(rows.filter(({ from }) => from !== "")).toHaveLength(6);
    const ours = rows.find((row) => row["extension level"] === "3" && row.outcome === "separated, task lost");
    expect(ours).toMatchObject({ source: "ours", runs: "1", of: "2", share: "0.5", from: "0", to: "0.5" });
    const ever = rows.find((row) => row["extension level"] === "3" && row.outcome === "ever separated");
    expect(ever).toMatchObject({ runs: "2", of: "2", share: "1", high: "1" });
    expect(Number(ever?.low)).toBeCloseTo(0.3424, 4);
  });

  it("show start and end of long names", () => {
    const group = "my-data 4,12,12,12,5 tanh true 60";
    const long = outcomeShares([{ source: "", group, outcomes: ["separated"] }, ...groups], "experiment", "c");
    expect(elements(long).text).toContain("my-data 4,12…anh true 60");
    expect(data(long)[0].experiment).toBe(group);
  });

  it("show long names of a run and its branches without what they share", () => {
    const names = ["night-98a2d3804f80", "night-one-shot-eda11eb9fb3f", "night-reinit-de0dd1c8e034"];
    const outcomes = ["separated"] as const;
    const { text } = elements(
      outcomeShares(
        names.map((group) => ({ source: "", group, outcomes })),
        "experiment",
        "c",
      ),
    );
    expect(text).toContain("…98a2d3804f80");
    expect(text).toContain("…one-shot-eda11eb9fb3f");
    expect(text).toContain("…reinit-de0dd1c8e034");
  });
});

it("active weights at the end are a point per run", () => {
  const figure = activeAtEnd(runs, "caption");
  const { marks } = elements(figure);
  expect(marks("dot")).toHaveLength(4);
  expect(marks("dot").filter((dot) => dot.getAttribute("fill") === "none")).toHaveLength(1);
  expect(data(figure).map(({ extension, seed, outcome }) => `${extension} ${seed} ${outcome}`)).toEqual([
    "2 0 interconnected",
    "2 1 separated",
    "3 0 separated, task lost",
    "3 1 separated-degraded",
  ]);
});

it("weights at separation are means, ranges and runs of those that separated, over the published ranges", () => {
  const figure = separationWeights(runs, [{ label: "thesis: active", low: 80, high: 120 }], "caption");
  const { marks, text } = elements(figure);
  // Two counts of three runs, and two means of two extension levels.
  expect(marks("dot")).toHaveLength(6 + 4);
  expect(marks("dot").filter((dot) => dot.getAttribute("fill") === "none")).toHaveLength(2);
  expect(marks("rule")).toHaveLength(4);
  expect(marks("rect")).toHaveLength(1);
  expect(text).toContain("thesis: active");
  const rows = data(figure);
  expect(rows).toHaveLength(7);
  expect(rows[0]).toMatchObject({ extension: "2", seed: "1", level: "2", winning: "true", weights: "112" });
  expect(rows[6]).toMatchObject({ published: "thesis: active", low: "80", high: "120" });
});

it("losses are a point per level, a cross where a separated ticket has lost a task", () => {
  const figure = lossByActive(runs, [{ label: "thesis", low: 0.002, high: 0.005 }], "caption");
  const { marks } = elements(figure);
  const levels = runs.reduce((sum, run) => sum + run.levels.length, 0);
  expect(marks("dot")).toHaveLength(levels);
  expect(marks("dot").filter((dot) => dot.getAttribute("fill") === "none")).toHaveLength(1);
  expect(data(figure)).toHaveLength(levels + 1);
  const states = data(figure).map(({ state }) => state);
  expect(states.filter((state) => state === "separated, task lost")).toHaveLength(1);
});

it("a ticket that does not win without a lost task is hatched and hollow; one of an older version too", () => {
  const [run] = [extensionRun(3, 0, ["separated"], { winning: false })];
  const shares = outcomeShares(groupOutcomes([run], "ours", extensionOf), "extension level", "caption");
  expect(
    elements(shares)
      .marks("bar")
      .map((bar) => bar.getAttribute("fill")),
  ).toEqual(["url(#outcome-shares-hatch-hatched-009E73)"]);
  expect(data(activeAtEnd([run], "caption"))[0].outcome).toBe("separated, not winning");
});

it("a baseline is drawn where the scores of its task come near it", () => {
  const run = extensionRun(2, 0, ["separated"], { valAccuracy: { moons: 0.9, circles: 1 }, lost: ["moons"] });
  const accuracyOf = (baselines: Record<string, number>) =>
    runFigures([{ ...run, baselines }]).find(({ id }) => id === "accuracy") as Figure;
  expect(elements(accuracyOf({ moons: 0.9, circles: 0.5 })).text).toContain("baseline");
  expect(elements(accuracyOf({ moons: 0.5, circles: 0.5 })).text).not.toContain("baseline");
});

it("groups whose names would be shortened are named as their folders", () => {
  const grid = (activation: string, hash: string) => ({
    ...extensionRun(2, 0),
    specHash: hash,
    spec: { ...extensionRun(2, 0).spec, activation, criterion: `${activation}-magnitude`, reset: "initial-weights" },
  });
  const namesOf = (all: ReturnType<typeof grid>[]) => {
    const [figure] = runFigures(all);
    return [...new Set(data(figure).map((row) => row.experiment ?? row["activation, criterion"]))];
  };
  expect(namesOf([grid("relu", "h1"), grid("tanh", "h2")])).toEqual(["relu relu-magnitude", "tanh tanh-magnitude"]);
  expect(namesOf([grid("relu", "h1"), grid("relu-and-more", "h2")])).toEqual(["extension-h1", "extension-h2"]);
});

it("scores of different kinds have axes of their own", () => {
  const run = extensionRun(2, 0, [], {});
  const levels = run.levels.map((level) => ({ ...level, valAccuracy: { price: -195, moons: 0.9 } }));
  const figure = runFigures([{ ...run, levels, scoreNames: { price: "R²" } }]).find(({ id }) => id === "score");
  const { document } = elements(figure as Figure);
  const axes = [...document.querySelectorAll('[data-mark="y-axis tick label"]')].map(({ textContent }) =>
    (textContent ?? "").replaceAll("−", "-"),
  );
  expect(axes).toHaveLength(2);
  expect(axes[0]).toContain("-195");
  expect(axes[1]).toMatch(/^[0-9.]+$/);
  const labels = [...document.querySelectorAll('[data-mark="y-axis label"]')].map(({ textContent }) => textContent);
  expect(labels).toEqual(["↑ R²", "↑ accuracy"]);
});

it("balanced accuracy is drawn of the tasks where it is another than accuracy", () => {
  const ids = (balanced: number) => {
    const run = extensionRun(2, 0, ["separated"], { valBalancedAccuracy: { moons: balanced, circles: 1 } });
    return runFigures([run]).map(({ id }) => id);
  };
  expect(ids(0.998)).not.toContain("balanced-accuracy");
  expect(ids(0.5)).toContain("balanced-accuracy");
});

it("unused weights are a line per extension level, kind and unit, through the means", () => {
  const figure = unusedWeights(runs, "caption");
  const { marks } = elements(figure);
  // Two facets of two lines, as numbers and as shares.
  expect(marks("line")).toHaveLength(8);
  const rows = data(figure);
  expect(rows).toHaveLength(2 * (3 + 4));
  expect(rows.find((row) => row.extension === "3" && row.level === "3" && row.kind === "inactive")).toMatchObject({
    runs: "2",
    available: "112",
    weights: "17",
    share: String(17 / 112),
  });
});

it("levels of runs that differ in their unpruned weights, as targets of active ones do, stand at the mean", () => {
  const [first] = runs;
  const others = first.levels.map((level) => ({ ...level, remaining: level.remaining - 10 * level.level }));
  const both = [first, { ...first, seed: 9, levels: others }];
  const [of, more] = [first.levels[1].remaining, first.levels[1].remaining - 10];
  const at = (figure: Figure) => data(figure).find(({ level }) => level === "1");
  expect(at(unusedWeights(both, "caption"))).toMatchObject({ available: String((of + more) / 2) });
  expect(at(accuracyByTask(both, "caption"))).toMatchObject({ remaining: String((of + more) / 2) });
});

it("the degree of separation is a line per layer and end, and says where the run separated", () => {
  const figure = degreeOfSeparation(runs[1], "caption");
  const { marks, text } = elements(figure);
  expect(marks("line")).toHaveLength(4 + 3);
  expect(text).toContain("separated");
  expect(data(figure)).toHaveLength(2 * 4 * 3);
  expect(elements(degreeOfSeparation(runs[2], "caption")).text).toContain("separated, task lost");
});

it("accuracies are a line per seed with a star, and a band per task", () => {
  const same = [runs[0], runs[1]];
  const bySeed = accuracyBySeed(same, [], "caption");
  expect(elements(bySeed).marks("line")).toHaveLength(2);
  expect(elements(bySeed).marks("dot")).toHaveLength(6 + 1);
  expect(data(bySeed).filter(({ separation }) => separation === "true")).toHaveLength(1);
  const byTask = accuracyByTask(same, "caption");
  expect(elements(byTask).marks("area")).toHaveLength(2);
  expect(data(byTask)[0]).toMatchObject({ task: "moons", level: "0", runs: "2", mean: "0.998", lowest: "0.998" });
});

it("losses by epoch are a line per level and split, of at most 150 epochs with the first and the last", () => {
  const [run] = runs;
  const curve = (epochs: number) => Array.from({ length: epochs }, (_, k) => 1 / (k + 1));
  const curves = [400, 3, 1].map((epochs, level) => ({
    level,
    trainLoss: curve(epochs),
    valLoss: curve(epochs),
    valAccuracy: {},
    valBalancedAccuracy: {},
  }));
  const [figure] = runFigures(runs, [{ run, curves }]).slice(-1);
  expect(figure.id).toBe("loss-by-epoch");
  expect(elements(figure).marks("line")).toHaveLength(2 * 3);
  const rows = data(figure);
  const epochsOf = (level: string) =>
    rows.filter((row) => row.level === level && row.of === "training").map(({ epoch }) => Number(epoch));
  expect(epochsOf("0")).toHaveLength(150);
  expect([epochsOf("0")[0], epochsOf("0").at(-1)]).toEqual([1, 400]);
  expect([epochsOf("1"), epochsOf("2")]).toEqual([[1, 2, 3], [1]]);
  expect(rows.find(({ level, epoch }) => level === "1" && epoch === "2")).toMatchObject({
    remaining: "160",
    loss: "0.5",
  });
  // Several runs have a figure each.
  const several = runFigures(
    runs,
    [run, runs[1]].map((each) => ({ run: each, curves })),
  );
  expect(several.slice(-2).map(({ id }) => id)).toEqual(["loss-by-epoch-1", "loss-by-epoch-2"]);
});

it("a grid is a point per run, and rates a second axis", () => {
  const figure = gridOutcomes(runs, "caption");
  expect(elements(figure).marks("dot")).toHaveLength(4);
  const rates = gridRates(runs, 13, "caption");
  expect(data(rates).map(({ levels, rate }) => `${levels} ${Number(rate).toFixed(3)}`)).toEqual(["2 0.327", "2 0.327"]);
  expect(elements(rates).marks("dot")).toHaveLength(2);
  expect(elements(rates).text).toContain("effective pruning rate ↑");
});

it("heat maps draw every pixel, each image on a scale of its own", () => {
  const figure = heatMaps(
    "maps",
    "Maps",
    [
      { label: "first", values: [0, 1, 2, 4] },
      { label: "none", values: [0, 0, 0, 0] },
    ],
    2,
    "connections",
    "caption",
  );
  // Four colours and a frame; one colour, that of 0, and a frame.
  const shapes = elements(figure).marks("image");
  expect(shapes.filter((shape) => shape.localName === "path")).toHaveLength(4 + 1);
  expect(shapes.filter((shape) => shape.localName === "rect")).toHaveLength(2);
  const fills = new Set(shapes.map((shape) => shape.getAttribute("fill")).filter((fill) => fill !== "none"));
  expect(fills.size).toBe(4);
  expect(data(figure)).toHaveLength(8);
  expect(data(figure)[3]).toEqual({ image: "first", row: "1", column: "1", connections: "4" });
});

it("every figure of any runs has data, a title and no link to elsewhere", () => {
  const figures = [...runFigures(runs), ...runFigures([runs[1]])];
  expect(runFigures(runs).map(({ id }) => id)).toEqual([
    "outcome-shares",
    "loss",
    "accuracy",
    "weights-by-state",
    "density",
    "degree-of-separation",
  ]);
  for (const { svg, csv, title } of figures) {
    expect(csv.split("\n").length).toBeGreaterThan(2);
    expect(svg).toContain(`<title>${title}</title>`);
    expect(svg.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|NaN|undefined|href/);
  }
});

it("a level without weights and a loss of 0 have no place on a logarithmic axis, and are in the data", () => {
  const none = extensionRun(2, 0, ["separated"], {
    remaining: 0,
    valLoss: 0,
    trainLoss: 0,
    weights: { active: 0, inactive: 0, zombie: 0, pruned: 112 },
  });
  const alone = { ...none, levels: none.levels.slice(-1) };
  for (const given of [[none], [...runs, none], [alone]]) {
    const figures = [
      ...runFigures(given),
      gridOutcomes(given, "c"),
      activeAtEnd(given, "c"),
      lossByActive(given, [], "c"),
    ];
    for (const { svg, csv } of figures) {
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(csv).not.toMatch(/NaN|Infinity|undefined/);
    }
    expect(data(figures[2]).some(({ remaining }) => remaining === "0")).toBe(true);
  }
});

it("equal input gives equal text, and text is escaped", () => {
  const parts = { id: "a", title: "a < b", caption: "", rows: [{ text: 'one, "two"' }], panels: [] };
  expect(composeFigure(parts)).toEqual(composeFigure(parts));
  expect(composeFigure(parts).svg).toContain("a &#60; b");
  expect(composeFigure(parts).csv).toBe('text\n"one, ""two"""\n');
  expect(lossByActive(runs, [], "c").svg).toBe(lossByActive(runs, [], "c").svg);
});
