/** Samples of one's own data before tasks are known: inputs and target columns of one split. */
export interface Table {
  readonly samples: number;
  readonly inputs: number;
  /** `[sample][input]`, finite. */
  readonly features: Float32Array | Uint8Array;
  readonly targetColumns: number;
  /** `[sample][target column]`, finite. */
  readonly targets: ArrayLike<number>;
  /** Says in messages where a target stands, such as `data.csv: row 3, column 5`. */
  readonly targetPlace: (sample: number, column: number) => string;
}
