import { z } from "zod";

/** The image sets that the page's server has: bytes to load, and whether it must fetch them itself first. */
export type ImageSets = z.infer<typeof schema>;

const schema = z.record(z.string(), z.object({ sizeBytes: z.number(), isHere: z.boolean() }));

/** Reads `data/index.json` beside the page. Throws an Error when it is not there or not what it should be. */
export async function offeredImageSets(): Promise<ImageSets> {
  const response = await fetch(new URL("data/index.json", import.meta.url));
  if (!response.ok) throw new Error(`data/index.json: the server answers ${response.status}`);
  return schema.parse(await response.json());
}
