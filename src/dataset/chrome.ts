import { InputError } from "../base/errors.ts";
import type { DatasetAccess, IdxReader } from "./access.ts";
import { sources, verifiedIdx } from "./sources.ts";

/** Called with the progress of a file's download. */
export type LoadObserver = (file: string, loadedBytes: number, sizeBytes: number) => void;

/**
 * Access of a page to the files of datasets: `data/<source>/<file>` in the page's folder, plain or gzip, served by
 * `split-ticket lab` or any web host.
 * @param base address of the page's folder
 */
export function chromeDatasetAccess(base: URL, observe: LoadObserver): DatasetAccess {
  const load: IdxReader = async (source, file) => {
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
