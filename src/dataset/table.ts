/** One split of own data before its tasks are known: inputs and target columns. */
export interface Table {
  readonly samples: number;
  readonly inputs: number;
  /** `[sample][input]`, finite, as precise as the file. */
  readonly features: Float64Array | Float32Array | Uint8Array;
  readonly targetColumns: number;
  /** `[sample][target column]`, finite. */
  readonly targets: ArrayLike<number>;
  /** Position of a target for messages, such as `data.csv: row 3, column 5`. */
  readonly targetPlace: (sample: number, column: number) => string;
}
