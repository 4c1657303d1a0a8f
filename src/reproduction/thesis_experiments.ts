import type { GridInput } from "../lottery/grid.ts";
import { preset } from "../lottery/presets.ts";
import type { SpecInput } from "../lottery/spec_schema.ts";
import type { FigureName } from "./figures.ts";

/** An experiment of the thesis (Burger 2024). */
export interface ThesisExperiment {
  readonly name: string;
  readonly title: string;
  /** What is run: the thesis' choices, except for the keys in `ours`. */
  readonly grids: readonly GridInput[];
  /** As many as the thesis has, unless `ours` says otherwise. */
  readonly seeds: readonly number[];
  /** Reasons for our own choices, by key. */
  readonly ours: Readonly<Record<string, string>>;
  readonly figures: readonly FigureName[];
  /** The same experiment for a machine without a GPU; all its values are our choice. */
  readonly small?: Partial<SpecInput>;
}

/** Integers from 0 to the last. */
const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, i) => i);

/** Reasons for our choices in every experiment. */
const everywhere = {
  seeds: "every seed has streams of its own for weights and order; in the thesis all seeds share one order",
  dataSeed: "the thesis' data came from another generator",
  tolerance: "what a winning ticket may lose; the thesis has no such bound",
  keepTrained: "only masks are stored",
};

const moonsCircles = preset("moons-circles");
const extensionFigures: readonly FigureName[] = ["outcome-shares", "weights-at-separation"];
const imageFigures: readonly FigureName[] = ["accuracy-by-seed", "accuracy-by-task", "heat-maps", "pixel-statistics"];

/** Network extension of a base, over extension levels. */
const extensions = (base: number[], last: number): GridInput => ({
  ...moonsCircles,
  base,
  extension: upTo(last),
});

/** Two hidden layers of equal width on Moons-Circles. */
const grid: GridInput = {
  ...withoutExtension(moonsCircles),
  shape: [31, 38, 48, 57].map((width) => [4, width, width, 2]),
};

/** The keys of a network extension's spec that apply to any shape. */
function withoutExtension({ base: _, extension: _level, rate: _rate, ...keys }: SpecInput): SpecInput {
  return keys;
}

/** Every experiment, in the order of the thesis. */
export const thesisExperiments: readonly ThesisExperiment[] = [
  {
    name: "extension-2",
    title: "Network extension of (4,8,8,2): two hidden layers on Moons-Circles",
    grids: [extensions([4, 8, 8, 2], 25)],
    seeds: upTo(3),
    ours: everywhere,
    figures: [
      "outcome-shares",
      "active-at-end",
      "weights-at-separation",
      "loss-by-active-weights",
      "inactive-and-zombie-weights",
    ],
  },
  {
    name: "extension-1",
    title: "Network extension of (4,20,2): one hidden layer on Moons-Circles",
    grids: [extensions([4, 20, 2], 16)],
    seeds: upTo(4),
    ours: everywhere,
    figures: extensionFigures,
  },
  {
    name: "extension-3",
    title: "Network extension of (4,6,6,6,2): three hidden layers on Moons-Circles",
    grids: [extensions([4, 6, 6, 6, 2], 16)],
    seeds: upTo(4),
    ours: everywhere,
    figures: [...extensionFigures, "degree-of-separation"],
  },
  {
    name: "grid-2",
    title: "Hidden width and number of levels, to 112 weights on Moons-Circles",
    grids: [
      { ...grid, levels: upTo(10).slice(1), target: 112 },
      // 0 levels prune nothing: there is no target, and the spec needs a rate without using it.
      { ...grid, levels: 0, rate: 0.32 },
    ],
    seeds: upTo(3),
    ours: {
      ...everywhere,
      target: "0 levels prune nothing and so keep every weight of the dense network; 112 is the thesis'",
    },
    figures: ["grid-outcomes", "grid-rates"],
  },
  ...(["mnist", "fashion"] as const).map(
    (name): ThesisExperiment => ({
      name,
      title: `${name === "mnist" ? "MNIST" : "Fashion-MNIST"}: where the active connections of the pixels stay`,
      grids: [{ ...preset(name === "mnist" ? "mnist" : "fashion-mnist") }],
      seeds: [0],
      ours: { ...everywhere, seeds: "one run, which the heat maps show" },
      figures: ["heat-maps", "pixel-statistics"],
      small: { samplesPerClass: 500, shape: [784, 100, 50, 10] },
    }),
  ),
  {
    name: "mnist-fashion",
    title: "MNIST above Fashion-MNIST: two tasks of images in one network",
    grids: [{ ...preset("mnist-fashion") }],
    seeds: upTo(2),
    ours: everywhere,
    figures: imageFigures,
    small: { samplesPerClass: 500, shape: [1568, 100, 50, 20] },
  },
  {
    name: "half",
    title: "MNIST above Fashion-MNIST, halved: 14 x 14 pixels and five classes each",
    grids: [{ ...preset("mnist-fashion-half") }],
    seeds: upTo(2),
    ours: everywhere,
    figures: imageFigures,
    small: { samplesPerClass: 1500, shape: [392, 300, 300, 10] },
  },
];
