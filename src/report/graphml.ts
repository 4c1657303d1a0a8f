import type { Task } from "../base/task.ts";
import type { Ticket } from "../store/ticket_file.ts";
import { escapeXml } from "./escape.ts";
import { type TicketGraph, ticketEdges } from "./ticket_edges.ts";
import { tasksOf } from "./ticket_layout.ts";

/**
 * A ticket's graph as GraphML (Brandes et al., "GraphML progress report", 2001), which NetworkX, Gephi and yEd read:
 * every neuron with layer, index, state, subnetwork and, for inputs and outputs, its task (`a + b` for a shared input); every kept weight with its
 * state, subnetwork and, where the ticket has weights, its value. A neuron has the value of its kept bias there, and, of a ticket that prunes
 * biases, whether its bias is kept. Equal input gives equal text.
 * @param analysis of the ticket's mask
 */
export function ticketGraphml(ticket: Ticket, analysis: TicketGraph, tasks: readonly Task[]): string {
  const { shape, neuronStates, subnetworks } = analysis;
  const subnetworkOf = shape.map((width) => new Int32Array(width).fill(-1));
  subnetworks.forEach(({ neurons }, number) => {
    for (const [layer, index] of neurons) subnetworkOf[layer][index] = number;
  });
  const last = shape.length - 1;
  const data = (key: string, value: string | number) => `<data key="${key}">${value}</data>`;
  const subnetwork = (layer: number, index: number) =>
    subnetworkOf[layer][index] < 0 ? "" : data("subnetwork", subnetworkOf[layer][index]);

  const { mask, parameters } = ticket;
  const { prunesBiases } = mask;
  const biasData = (layer: number, output: number) => {
    const isKept = mask.hasBias(layer, output);
    const value = parameters?.values[parameters.layout.biasOffset[layer] + output];
    return (
      (prunesBiases ? data("bias_kept", String(isKept)) : "") +
      (value === undefined || !isKept ? "" : data("bias", value))
    );
  };

  const nodes = shape.flatMap((width, layer) =>
    Array.from({ length: width }, (_, index) => {
      const side = layer === 0 ? "inputs" : layer === last ? "outputs" : undefined;
      const names = side ? tasksOf(tasks, side, index).map((k) => tasks[k].name) : [];
      const task = names.length === 0 ? "" : data("task", escapeXml(names.join(" + ")));
      const own = data("layer", layer) + data("index", index) + data("state", neuronStates[layer][index]);
      const bias = layer === 0 ? "" : biasData(layer - 1, index);
      return `    <node id="n${layer}_${index}">${own}${subnetwork(layer, index)}${task}${bias}</node>`;
    }),
  );
  const edges = Array.from(
    ticketEdges(ticket, analysis),
    ({ layer, source, target, state, subnetwork: of, weight }) => {
      const own =
        data("edge_state", state) +
        (of === undefined ? "" : data("edge_subnetwork", of)) +
        (weight === undefined ? "" : data("weight", weight));
      return `    <edge source="n${layer}_${source}" target="n${layer + 1}_${target}">${own}</edge>`;
    },
  );
  const key = (id: string, side: "node" | "edge", name: string, type: string) =>
    `  <key id="${id}" for="${side}" attr.name="${name}" attr.type="${type}"/>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    key("layer", "node", "layer", "int"),
    key("index", "node", "index", "int"),
    key("state", "node", "state", "string"),
    key("subnetwork", "node", "subnetwork", "int"),
    key("task", "node", "task", "string"),
    key("bias_kept", "node", "bias_kept", "boolean"),
    key("bias", "node", "bias", "float"),
    key("edge_state", "edge", "state", "string"),
    key("edge_subnetwork", "edge", "subnetwork", "int"),
    key("weight", "edge", "weight", "float"),
    '  <graph edgedefault="directed">',
    ...nodes,
    ...edges,
    "  </graph>",
    "</graphml>",
    "",
  ].join("\n");
}
