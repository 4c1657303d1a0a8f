/** What a network takes of each buffer, in vec4. */
export interface NetworkMemory {
  readonly graph: number;
  readonly parameters: number;
  /** 0 where the rows are in workgroup memory. */
  readonly rows: number;
  /** 0 where no curves are kept. */
  readonly curves: number;
}
