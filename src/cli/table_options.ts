/** The formats of `table`; the name of each is the ending of its files, without the dot. */
export const tableFormats = ["csv", "jsonl", "parquet"] as const;
export type TableFormat = (typeof tableFormats)[number];

/** The options of `table`. */
export interface TableOptions {
  readonly output: string;
  readonly rows: "levels" | "runs";
  readonly format?: TableFormat;
  readonly measures?: string;
  readonly unfinished?: true;
}
