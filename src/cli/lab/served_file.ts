import { constants } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { isAbsolute, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";

/** A file that is open for one answer. */
export interface ServedFile {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
}

/** System errors by which a file counts as not there. */
const absent = ["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM", "EISDIR", "ENAMETOOLONG"];

/**
 * Opens a regular file of a folder. A link is followed where it leads to a file in the same folder.
 * @param name of the file in the folder, without a separator
 * @returns undefined where there is none
 */
export async function openInside(folder: string, name: string): Promise<ServedFile | undefined> {
  try {
    const path = await realpath(join(folder, name));
    const inside = relative(await realpath(folder), path);
    if (inside.startsWith("..") || isAbsolute(inside)) return undefined;
    // Asked before it is opened, because opening a pipe would wait for a writer.
    if (!(await stat(path)).isFile()) return undefined;
    const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    try {
      const opened = await handle.stat();
      if (opened.isFile()) return { handle, sizeBytes: opened.size };
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return undefined;
  } catch (error) {
    if (absent.includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/**
 * Answers with a file, piece by piece as the client reads. Closes the file at the end, also where the client has gone.
 * A file that has become shorter ends the connection, so that nothing is taken for the rest of it.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { handle, sizeBytes }: ServedFile,
  headers: OutgoingHttpHeaders,
): Promise<void> {
  // A range is not served, which a client may rely on no more than on the header that says so.
  response.writeHead(200, { ...headers, "content-length": sizeBytes, "accept-ranges": "none" });
  if (request.method === "HEAD" || sizeBytes === 0) {
    await handle.close();
    response.end();
    return;
  }
  // Closes the file when it ends or is given up.
  const stream = handle.createReadStream({ start: 0, end: sizeBytes - 1 });
  try {
    await pipeline(stream, response, { end: false });
  } catch (error) {
    response.destroy();
    if ((error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE") return;
    throw error;
  }
  if (stream.bytesRead < sizeBytes) response.destroy();
  else response.end();
}
