import { InputError } from "../base/errors.ts";
import { writeOutput } from "../store/node.ts";
import type { Column } from "../table/columns.ts";
import type { Row } from "../table/flatten.ts";
import { parquetTable } from "../table/parquet_table.ts";
import { recordTable } from "../table/record_table.ts";
import { csvTable, jsonLinesTable } from "../table/text_tables.ts";
import { outputFormat } from "./output_format.ts";
import { type TableFormat, tableFormats } from "./table_options.ts";

/** What writes a table in each format. */
export const tableWriters: Readonly<
  Record<TableFormat, (columns: readonly Column[], rows: AsyncIterable<Row>) => AsyncIterable<Uint8Array | string>>
> = { csv: csvTable, jsonl: jsonLinesTable, parquet: parquetTable };

/**
 * The format of a table.
 * @param output the path, or `-`, for which the format is csv unless another is chosen
 * @throws InputError when neither path nor choice tells it
 */
export function tableFormatOf(output: string, chosen?: TableFormat): TableFormat {
  const format = formatOf(output, chosen);
  if (format) return format;
  throw new InputError(`${wrongEnding(output)}; or give --format ${tableFormats.join("|")}`);
}

/**
 * The format of a table of a command without `--format`.
 * @throws InputError when the path does not tell it
 */
export function namedTableFormat(output: string): TableFormat {
  const format = formatOf(output);
  if (format) return format;
  throw new InputError(`${wrongEnding(output)}; choose another name`);
}

function formatOf(output: string, chosen?: TableFormat): TableFormat | undefined {
  return outputFormat(output, chosen, tableFormats).format ?? (output === "-" ? "csv" : undefined);
}

const wrongEnding = (output: string) => `${output}: its name must end in .${tableFormats.join(", .")}`;

/** Writes records as a table, a row each; fields within fields are named with a dot. */
export async function writeRecords(output: string, records: readonly object[]): Promise<void> {
  const { columns, rows } = recordTable(records);
  await writeOutput(output, tableWriters[namedTableFormat(output)](columns, inTurn(rows)));
}

async function* inTurn(rows: readonly Row[]): AsyncGenerator<Row> {
  yield* rows;
}
