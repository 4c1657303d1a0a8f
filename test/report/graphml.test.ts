import { parseHTML } from "linkedom";
import { expect, it } from "vitest";
import { analyze } from "../../src/analysis/analyze.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { ticketGraphml } from "../../src/report/graphml.ts";
import { task, ticket } from "../analysis/drawn.ts";

const tasks = [task("circles & more", [0, 2], [0, 1]), task("moons", [2, 2], [1, 1])];
/** Two subnetworks; hidden neuron 2 is inactive, hidden neuron 3 a zombie. */
const mask = ticket([4, 4, 2], ["0-0 1-0 2-1 3-1 3-2", "0-0 1-1 3-1"]);

const datum = (element: Element, key: string) => element.querySelector(`data[key="${key}"]`)?.textContent;

it("holds every neuron and every kept weight", () => {
  const parameters = new Parameters(mask.shape);
  parameters.values[parameters.layout.weightOffset[1] + 3 + parameters.layout.rowStride[1]] = -0.5;
  const text = ticketGraphml({ shape: mask.shape, mask, parameters }, analyze(mask, tasks, "total"), tasks);
  const { document } = parseHTML(text);
  const nodes = [...document.querySelectorAll("node")];
  const edges = [...document.querySelectorAll("edge")];
  expect(nodes).toHaveLength(10);
  expect(edges).toHaveLength(8);
  const states = edges.map((edge) => datum(edge, "edge_state"));
  expect(["active", "inactive", "zombie"].map((state) => states.filter((each) => each === state).length)).toEqual([
    6, 1, 1,
  ]);
  const zombie = edges.find((edge) => edge.getAttribute("source") === "n1_3");
  expect(zombie?.getAttribute("target")).toBe("n2_1");
  expect(datum(zombie as unknown as Element, "weight")).toBe("-0.5");
  expect(datum(nodes[0] as unknown as Element, "task")).toBe("circles & more");
  expect(datum(nodes[6] as unknown as Element, "state")).toBe("inactive");
  expect(datum(nodes[6] as unknown as Element, "subnetwork")).toBeUndefined();
  const keys = new Set([...document.querySelectorAll("key")].map((key) => key.getAttribute("id")));
  for (const used of document.querySelectorAll("data")) expect(keys).toContain(used.getAttribute("key"));
});

it("holds the values of kept biases, and which are pruned where some are", () => {
  const parameters = new Parameters(mask.shape);
  parameters.values[parameters.layout.biasOffset[0] + 1] = 0.25;
  parameters.values[parameters.layout.biasOffset[1]] = 0.5;
  const biasesOf = (of: typeof mask, key: string, given?: Parameters) => {
    const ticket = { shape: of.shape, mask: of, ...(given && { parameters: given }) };
    const { document } = parseHTML(ticketGraphml(ticket, analyze(of, tasks, "total"), tasks));
    return [...document.querySelectorAll("node")].map((node) => datum(node as unknown as Element, key));
  };
  const none = Array(4).fill(undefined);
  expect(biasesOf(mask, "bias", parameters)).toEqual([...none, "0", "0.25", "0", "0", "0.5", "0"]);
  expect(biasesOf(mask, "bias")).toEqual(Array(10).fill(undefined));
  expect(biasesOf(mask, "bias_kept", parameters)).toEqual(Array(10).fill(undefined));
  const pruned = mask.clone();
  pruned.setBias(0, 1, false);
  expect(biasesOf(pruned, "bias", parameters)).toEqual([...none, "0", undefined, "0", "0", "0.5", "0"]);
  expect(biasesOf(pruned, "bias_kept")).toEqual([...none, "true", "false", "true", "true", "true", "true"]);
});

it("names every task of a shared input", () => {
  const shared = [task("a", [0, 3], [0, 1]), task("b", [2, 2], [1, 1])];
  const text = ticketGraphml({ shape: mask.shape, mask }, analyze(mask, shared, "output"), shared);
  const nodes = [...parseHTML(text).document.querySelectorAll("node")].slice(0, 4);
  expect(nodes.map((node) => datum(node as unknown as Element, "task"))).toEqual(["a", "a", "a + b", "b"]);
});

it("leaves weights out where the ticket has none", () => {
  const text = ticketGraphml({ shape: mask.shape, mask }, analyze(mask, tasks, "total"), tasks);
  expect(text).not.toContain('<data key="weight">');
});
