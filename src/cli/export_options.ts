/** The formats of `export`; the name of each is the ending of its files, without the dot. */
export const exportFormats = ["safetensors", "onnx", "graphml", "csv"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The options of `export`. */
export interface ExportOptions {
  readonly output: string;
  readonly level?: string;
  readonly format?: ExportFormat;
  readonly weights: "trained" | "initial";
  readonly split?: true;
  readonly activation?: string;
  readonly tasks?: string;
  readonly layers?: string;
}
