/** One file of WGSL. */
export interface WgslSource {
  /** Path under `shaders/`, for messages. */
  readonly file: string;
  readonly text: string;
}
