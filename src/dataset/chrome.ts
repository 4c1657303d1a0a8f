import { InputError } from "../base/errors.ts";
import type { DatasetAccess, IdxReader } from "./access.ts";
import { fetchHeader, offeredImageSets } from "./image_set_index.ts";
import { type SourceName, sources, verifiedIdx } from "./sources.ts";

/** Called with the progress of a file's download. */
export type LoadObserver = (file: string, loadedBytes: number, sizeBytes: number) => void;

/**
 * Access of a page to the files of datasets: `data/<source>/<file>` in the page's folder, plain or gzip, served by
 * `split-ticket lab` or any web host. A set that `split-ticket lab` does not have is fetched by it first.
 * @param base address of the page's folder
 */
export function chromeDatasetAccess(base: URL, observe: LoadObserver): DatasetAccess {
  const asked = new Map<SourceName, Promise<void>>();
  const isServed = (source: SourceName) => {
    const known = asked.get(source) ?? letServerFetch(base, source, observe);
    asked.set(source, known);
    known.catch(() => asked.delete(source));
    return known;
  };
  const load: IdxReader = async (source, file) => {
    await isServed(source);
    const url = new URL(`data/${source}/${file}`, base);
    const { sizeBytes } = sources[source].files[file];
    const bytes = await download(url, sizeBytes, (loadedBytes) => observe(`${source} ${file}`, loadedBytes, sizeBytes));
    return verifiedIdx(source, file, bytes, url.pathname);
  };
  // Each file is loaded once per visit; later experiments, or the same one on another device, reuse it.
  const loaded = new Map<string, Promise<Uint8Array>>();
  return {
    idxFile: (source, file) => {
      const name = `${source}/${file}`;
      const known = loaded.get(name) ?? load(source, file);
      loaded.set(name, known);
      // A failed load is removed, so that the next request tries again.
      known.catch(() => loaded.delete(name));
      return known;
    },
    readFile: refuse,
    openFile: refuse,
  };
}

async function refuse(path: string): Promise<never> {
  throw new InputError(`${path}: a page reads no files of yours by name; choose a dataset known by name`);
}

/**
 * Lets the server fetch a set that it says it has not. A web host that only serves files is left alone.
 * @throws InputError with the server's reason
 */
async function letServerFetch(base: URL, source: SourceName, observe: LoadObserver): Promise<void> {
  // What is wrong with the server is told when the files themselves are asked for.
  const offered = (await offeredImageSets(base).catch(() => undefined))?.[source];
  if (offered === undefined || offered.isHere) return;
  observe(`${source}, which the server fetches first`, 0, offered.sizeBytes);
  const request = { method: "POST", headers: { [fetchHeader]: "1" } };
  const response = await fetch(new URL(`data/${source}`, base), request).catch(() => undefined);
  if (response?.status === 502) throw new InputError((await response.text()).trim());
}

async function download(url: URL, sizeBytes: number, observe: (loadedBytes: number) => void) {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new InputError(`${url.pathname}: the server does not answer (${(error as Error).message}); is it running?`);
  }
  if (!response.ok || !response.body) {
    throw new InputError(
      `${url.pathname}: the server has no such file (${response.status}); serve the page with split-ticket lab, or put the original file there`,
    );
  }
  const bytes = new Uint8Array(sizeBytes);
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, length);
    if (length + value.length > sizeBytes) {
      await reader.cancel();
      throw new InputError(`${url.pathname}: more than the original's ${sizeBytes} bytes; put the original file there`);
    }
    bytes.set(value, length);
    length += value.length;
    observe(length);
  }
}
