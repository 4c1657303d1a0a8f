import { describe, expect, test } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import type { Task } from "../../src/base/task.ts";
import { Mask } from "../../src/mask/mask.ts";
import { ticketFigure } from "../../src/report/ticket_figure.ts";
import { layOutTicket } from "../../src/report/ticket_layout.ts";

const tasks: Task[] = [
  { name: "moons", kind: "binary", inputs: { start: 2, count: 2 }, outputs: { start: 0, count: 1 } },
  { name: "circles", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 1, count: 1 } },
];
const frame = { left: 100, right: 700, top: 50, bottom: 250 };

function maskWith(shape: readonly number[], kept: readonly [number, number, number][]): Mask {
  const mask = new Mask(shape, new Uint32Array(Mask.full(shape).words.length));
  for (const [layer, output, input] of kept) mask.set(layer, output, input, true);
  return mask;
}

/**
 *     out0   out1
 *      |      |   \
 *      h1     h0   h3(zombie)    h2(inactive)   h4(nothing)
 *     / \    / \                  |
 *    2   3  0   1                 1
 */
const separated = maskWith(
  [4, 5, 2],
  [
    [0, 1, 2],
    [0, 1, 3],
    [0, 0, 0],
    [0, 0, 1],
    [0, 2, 1],
    [1, 0, 1],
    [1, 1, 0],
    [1, 1, 3],
  ],
);

function figureOf(mask: Mask, title?: string): string {
  const { neuronStates, subnetworks } = analyze(mask, tasks, "total");
  return ticketFigure({ mask, tasks, neuronStates, subnetworks, ...(title !== undefined && { title }) });
}

/** Number of lines in one colour. */
function linesIn(svg: string, colour: string): number {
  const paths = svg.match(new RegExp(`<path d="(M[^"]*L[^"]*)" stroke="${colour}"[^>]*>`, "g")) ?? [];
  return paths.reduce((sum, path) => sum + (path.match(/L/g) ?? []).length, 0);
}

test("a weight from a neuron without inputs whose bias is pruned is drawn as inactive, as is the neuron", () => {
  const mask = separated.clone();
  mask.setBias(0, 3, false);
  const svg = figureOf(mask);
  expect(linesIn(svg, "#9a9a9a")).toBe(2);
  expect(linesIn(svg, "#b39a5b")).toBe(0);
});

test("each weight is drawn once, in the colour of its subnetwork's task or of its state", () => {
  const svg = figureOf(separated);
  expect(linesIn(svg, "#0072B2")).toBe(3);
  expect(linesIn(svg, "#D55E00")).toBe(3);
  expect(linesIn(svg, "#9a9a9a")).toBe(1);
  expect(linesIn(svg, "#b39a5b")).toBe(1);
  expect(svg.match(/<circle /g)).toHaveLength(11);
});

test("the legend counts weights and neurons of each subnetwork and of the rest", () => {
  const svg = figureOf(separated);
  for (const entry of [
    /subnetwork \d \(moons\): 3 weights, 4 neurons</,
    /subnetwork \d \(circles\): 3 weights, 4 neurons</,
    />inactive: 1 weight, 2 neurons</,
    />zombie: 1 weight, 1 neuron</,
  ]) {
    expect(svg).toMatch(entry);
  }
});

test("a subnetwork of two tasks has a colour of its own, its inputs and outputs those of their tasks", () => {
  const svg = figureOf(Mask.full([4, 3, 2]));
  expect(linesIn(svg, "#CC79A7")).toBe(18);
  expect(svg).toContain("subnetwork 1 (moons + circles): 18 weights, 9 neurons");
  expect(svg.match(/<circle [^>]*fill="#0072B2"/g)).toHaveLength(3);
  expect(svg.match(/<circle [^>]*fill="#D55E00"/g)).toHaveLength(3);
  expect(svg.match(/<circle [^>]*fill="#CC79A7"/g)).toHaveLength(3);
});

test("tasks are named at their inputs and outputs, and what is lost of them is said", () => {
  expect(figureOf(separated).match(/>moons</g)).toHaveLength(2);
  const lost = maskWith(
    [4, 5, 2],
    [
      [0, 1, 2],
      [1, 0, 1],
    ],
  );
  const svg = figureOf(lost);
  expect(svg).toContain(">moons (1 of 2)<");
  expect(svg).toContain("unused: moons 1, circles 2");
  expect(svg).toContain("unused: circles 1");
});

test("nothing left still makes a figure", () => {
  const svg = figureOf(maskWith([4, 5, 2], []));
  expect(svg.match(/<circle /g)).toHaveLength(11);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test("a title is escaped, and equal input gives equal text", () => {
  const svg = figureOf(separated, 'a < b & "c"');
  expect(svg).toContain("<title>a &#60; b &#38; &#34;c&#34;</title>");
  expect(figureOf(separated, 'a < b & "c"')).toBe(svg);
});

test("beyond 20,000 weights every n-th is drawn, and the figure says so", () => {
  const svg = figureOf(Mask.full([4, 150, 150, 2]));
  expect(linesIn(svg, "#CC79A7")).toBe(11_700);
  expect(svg).toContain("one of 2 weights is drawn");
  expect(svg).toContain("23,400 weights");
});

describe("the layout", () => {
  const layOut = (mask: Mask) => layOutTicket(mask, tasks, analyze(mask, tasks, "total").subnetworks, frame);

  test("inputs stand below, outputs above, each neuron in its subnetwork's band", () => {
    const { neurons, bands, restBand } = layOut(separated);
    expect(neurons.map((layer) => layer.length)).toEqual([4, 5, 2]);
    expect(neurons[0][0].y).toBe(250);
    expect(neurons[1][0].y).toBe(150);
    expect(neurons[2][0].y).toBe(50);
    for (const neuron of neurons.flat()) {
      const band = neuron.subnetwork === undefined ? restBand : bands[neuron.subnetwork];
      expect(band).toBeDefined();
      expect(neuron.x).toBeGreaterThan(band?.left ?? Number.NaN);
      expect(neuron.x).toBeLessThan((band?.left ?? 0) + (band?.width ?? 0));
    }
    const edges = [...bands, ...(restBand ? [restBand] : [])].map(({ left, width }) => [left, left + width]);
    edges.reduce((before, after) => {
      expect(after[0]).toBeGreaterThan(before[1]);
      return after;
    });
    expect(neurons[1][4].connected).toBe(false);
    expect(neurons[1][2].connected).toBe(true);
  });

  test("without a rest the subnetworks have the whole width", () => {
    const { bands, restBand } = layOut(Mask.full([4, 3, 2]));
    expect(bands).toEqual([{ left: 100, width: 600 }]);
    expect(restBand).toBeUndefined();
  });

  test("hidden neurons are ordered so that parallel strands do not cross", () => {
    // Strand i runs from input i through hidden neurons 3 - i and i: straight only after ordering. One more weight
    // joins them.
    const strands: [number, number, number][] = [0, 1, 2, 3].flatMap((i): [number, number, number][] => [
      [0, 3 - i, i],
      [1, i, 3 - i],
      [2, i < 2 ? 1 : 0, i],
    ]);
    const { neurons } = layOut(maskWith([4, 4, 4, 2], [...strands, [2, 0, 0]]));
    const along = (layer: number, index: (i: number) => number) => [2, 3, 0, 1].map((i) => neurons[layer][index(i)].x);
    const ascending = (xs: number[]) => expect(xs).toEqual([...xs].sort((a, b) => a - b));
    ascending(along(0, (i) => i));
    ascending(along(1, (i) => 3 - i));
    ascending(along(2, (i) => i));
  });
});

test("an input that tasks share is named after both and lies between their own", () => {
  const shared: Task[] = [
    { name: "a", kind: "binary", inputs: [0, 2], outputs: { start: 0, count: 1 } },
    { name: "b", kind: "binary", inputs: [1, 2], outputs: { start: 1, count: 1 } },
  ];
  const { neuronStates, subnetworks } = analyze(Mask.full([3, 2, 2]), shared, "output");
  const figure = (tasks: readonly Task[]) =>
    ticketFigure({ mask: Mask.full([3, 2, 2]), tasks, neuronStates, subnetworks });
  // Own inputs have their tasks' colours, the shared one that of the subnetwork of both.
  expect(figure(shared).match(/<circle [^>]*fill="#CC79A7"/g)).toHaveLength(3);
  expect(figure(shared)).toMatch(/>a<.*>b</s);
  const { neurons } = layOutTicket(Mask.full([3, 2, 2]), shared, subnetworks, frame);
  expect([...neurons[0]].sort((one, other) => one.x - other.x).map(({ index }) => index)).toEqual([0, 2, 1]);
  const same = shared.map((task): Task => ({ ...task, inputs: { start: 0, count: 3 } }));
  expect(figure(same)).toContain(">a + b<");
});
