import Papa from "papaparse";
import type { Ticket } from "../store/ticket_file.ts";
import { type TicketGraph, ticketEdges } from "./ticket_edges.ts";

const columns = ["sourceLayer", "source", "targetLayer", "target", "weight", "state", "subnetwork"];

/**
 * A ticket's unpruned weights as CSV, a row each: layer and index of both neurons, layer 0 being the inputs, the weight
 * (empty where the ticket has none), its state, and the number of its subnetwork (empty unless it is active).
 * @param graph of the ticket's mask
 */
export function edgeListCsv(ticket: Pick<Ticket, "mask" | "parameters">, graph: TicketGraph): string {
  const rows = Array.from(ticketEdges(ticket, graph), (edge) => [
    edge.layer,
    edge.source,
    edge.layer + 1,
    edge.target,
    edge.weight,
    edge.state,
    edge.subnetwork,
  ]);
  return `${Papa.unparse([columns, ...rows], { newline: "\n" })}\n`;
}
