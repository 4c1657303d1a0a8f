import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Column, ScalarType } from "./columns.ts";
import type { CellValue, Row } from "./flatten.ts";
import { inGroups, jsonCell } from "./text_tables.ts";

/** Rows of a row group. */
const rowsOfGroup = 10_000;

const physical: Readonly<Record<ScalarType, Partial<SchemaElement>>> = {
  int32: { type: "INT32" },
  int64: { type: "INT64" },
  double: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
  string: { type: "BYTE_ARRAY", converted_type: "UTF8" },
};

/**
 * A table as Parquet, in pieces: columns may be empty in any row; lists are lists of Parquet, and values of several types
 * are JSON text. Only one row group is in memory.
 */
export async function* parquetTable(
  columns: readonly Column[],
  rows: AsyncIterable<Row> | Iterable<Row>,
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const schema = [{ name: "table", num_children: columns.length }, ...columns.flatMap(schemaOf)] as SchemaElement[];
  const parquet = new ParquetWriter({ writer, schema, createdBy: "split-ticket" });
  for await (const group of inGroups(rows, rowsOfGroup)) {
    const columnData = columns.map((column) => ({
      name: column.name,
      data: group.map((row) => parquetCell(row.get(column.name), column)),
    }));
    await parquet.write({ columnData, rowGroupSize: group.length });
    yield taken(writer);
  }
  await parquet.finish();
  yield taken(writer);
}

/** What was written since the last call; offsets go on counting. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

/** A column's elements of the schema; a list has three for each level (Parquet's logical types, "Lists"). */
function schemaOf({ name, type }: Column): Partial<SchemaElement>[] {
  if (type.kind === "json") return [{ name, repetition_type: "OPTIONAL", ...physical.string }];
  if (type.kind !== "list") return [{ name, repetition_type: "OPTIONAL", ...physical[type.kind] }];
  const levels = Array.from({ length: type.depth }, (_, level): Partial<SchemaElement>[] => [
    { name: level === 0 ? name : "element", repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ]);
  return [...levels.flat(), { name: "element", repetition_type: "OPTIONAL", ...physical[type.of] }];
}

function parquetCell(value: CellValue, { type }: Column): unknown {
  if (value === undefined) return null;
  if (type.kind === "json") return jsonCell(value);
  return type.kind === "int64" ? BigInt(value as number) : value;
}
