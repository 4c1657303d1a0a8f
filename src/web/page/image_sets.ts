import { z } from "zod";

/**
 * The image sets that the page's server offers: their size, and whether the server has them or must fetch them first.
 */
export type ImageSets = z.infer<typeof schema>;

const schema = z.record(z.string(), z.object({ sizeBytes: z.number(), isHere: z.boolean() }));

/** Reads `data/index.json` beside the page. Throws an Error when it is missing or malformed. */
export async function offeredImageSets(): Promise<ImageSets> {
  const response = await fetch(new URL("data/index.json", import.meta.url));
  if (!response.ok) throw new Error(`data/index.json: the server answers ${response.status}`);
  return schema.parse(await response.json());
}
