import { type Column, TableColumns } from "../../src/table/columns.ts";
import type { CellValue, Row } from "../../src/table/flatten.ts";

/** Rows with every type of cell, with empty ones, and with text that a reader could take for something else. */
export const rows: readonly Row[] = [
  {
    name: 'a, "b"\nc',
    seed: 4294967295,
    level: 0,
    "valAccuracy.moons": 1,
    steps: 2 ** 40,
    winning: true,
    degree: [0, 0.25, null],
    coverage: [[1, 0.5], []],
    mixed: "text",
    never: undefined,
  },
  { name: "Ä=1", seed: 0, level: 1, "valAccuracy.moons": Number.NaN, steps: 0, winning: false, degree: [], mixed: 2 },
  {
    name: "",
    seed: 1,
    level: 2,
    "valAccuracy.moons": undefined,
    coverage: [[0.125]],
    mixed: undefined,
    "added.later": 7,
  },
].map((cells) => new Map<string, CellValue>(Object.entries(cells)));

export function columnsOf(some: Iterable<Row>): Column[] {
  const found = new TableColumns((name) => (name.startsWith("valAccuracy.") ? { kind: "double" } : undefined));
  for (const row of some) found.add(row);
  return found.columns();
}

/** All pieces of a table as one. */
export async function whole(pieces: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
