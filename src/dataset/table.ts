/** One split of own data before its tasks are known: inputs and target columns. */
export interface Table {
  readonly samples: number;
  readonly inputs: number;
  /** `[sample][input]`, finite, as precise as the file. */
  readonly features: Float64Array | Float32Array | Uint8Array;
  /** Name of each input, where the file names its columns. */
  readonly inputNames?: readonly string[];
  readonly targetColumns: number;
  /** `[sample][target column]`, finite; in a column of texts, their numbers in {@link targetTexts}. */
  readonly targets: ArrayLike<number>;
  /** The different texts of each target column; undefined for a column of numbers. */
  readonly targetTexts?: readonly (readonly string[] | undefined)[];
  /** Name of each target column for messages, such as `column 5 ("species")`. */
  readonly targetNames?: readonly string[];
  /** Position of a target for messages, such as `data.csv: row 3, column 5`. */
  readonly targetPlace: (sample: number, column: number) => string;
}
