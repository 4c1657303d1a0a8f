import * as z from "zod";

/**
 * The image sets that the page's server offers: their size, and whether the server has them or must fetch them first.
 */
export type ImageSets = z.infer<typeof schema>;

const schema = z.record(z.string(), z.object({ sizeBytes: z.number(), isHere: z.boolean() }));

/** Header of the request `POST data/<set>`, by which the page lets `split-ticket lab` fetch a set. */
export const fetchHeader = "x-split-ticket-fetch";

/**
 * Reads `data/index.json` in the page's folder.
 * @param base address of the folder
 * @throws Error when it is missing or malformed
 */
export async function offeredImageSets(base: URL): Promise<ImageSets> {
  const response = await fetch(new URL("data/index.json", base));
  if (!response.ok) throw new Error(`data/index.json: the server answers ${response.status}`);
  return schema.parse(await response.json());
}
