import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { extname, join } from "node:path";
import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { DeviceError, InputError, StorageError } from "../../base/errors.ts";
import { fetchHeader } from "../../dataset/image_set_index.ts";
import type { LocateOptions } from "../../dataset/node.ts";
import { idxFiles, type SourceName, sources } from "../../dataset/sources.ts";
import { packageRoot } from "../../device/environment/node.ts";
import { standardHeaders, type TextAnswer, textHeaders } from "./headers.ts";
import { ImageFiles } from "./image_files.ts";
import { refusal } from "./request_guard.ts";
import { openInside, sendFile } from "./served_file.ts";

/** What one client may take of the server. */
export interface LabLimits {
  /** Open connections; a further one is closed at once. */
  readonly connections: number;
  /** Longest time in which a client neither reads nor sends. */
  readonly idleMs: number;
  /** Longest time from the first byte of a request to its last. */
  readonly requestMs: number;
}

const standardLimits: LabLimits = { connections: 64, idleMs: 30_000, requestMs: 10_000 };
const keptAliveMs = 5000;
/** Requests that a client may send on a connection before it has read the answer to the first. */
const mostPipelined = 16;

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
};
const bytesType = "application/octet-stream";
/** Asked again at each visit, since another version may serve the same address. */
const revalidated = { ...standardHeaders, "cache-control": "no-cache" };

const reading = "GET, HEAD";
const notHere: TextAnswer = { status: 404, text: "not here" };

export interface LabOptions {
  readonly limits?: Partial<LabLimits>;
  /** Where the image sets are searched and fetched; {@link LocateOptions.signal} ends what is being fetched. */
  readonly locate?: LocateOptions;
}

/**
 * Serves the page's folder, and the image sets under `data/`, on the loopback interface, to the page itself: requests that
 * pages of other sites cause are refused. `POST data/<set>` with the header {@link fetchHeader} fetches a set that is not here.
 * @param port 0 takes any that is free
 * @param note receives messages for standard error
 * @throws InputError when the page was not built or the port is taken
 */
export async function serveLab(
  port: number,
  folder: string,
  note: (text: string) => void,
  { limits, locate = {} }: LabOptions = {},
): Promise<Server> {
  if (!existsSync(join(folder, "index.html"))) {
    const isClone = existsSync(join(packageRoot(), "tools", "build.mjs"));
    throw new InputError(
      `${folder}: the page is not there; ${isClone ? "run npm run build" : "install split-ticket anew"}`,
    );
  }
  const { connections, idleMs, requestMs } = { ...standardLimits, ...limits };
  const lab = new Lab(folder, new ImageFiles(locate), note);
  const server = createServer({
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(1000, requestMs / 4),
    keepAliveTimeout: Math.min(keptAliveMs, idleMs),
    // A request without `Host` is refused below, with the headers of all answers.
    requireHostHeader: false,
  });
  // Node drops the headers beyond a number, also those that tell who asks; their length is bounded all the same.
  server.maxHeadersCount = 0;
  server.maxConnections = connections;
  server.setTimeout(idleMs);
  const serve = (request: IncomingMessage, response: ServerResponse) => lab.inTurn(request, response);
  server.on("request", serve);
  // Expect: nothing that a client may announce is taken.
  server.on("checkContinue", serve);
  server.on("checkExpectation", serve);
  server.on("connect", (_, socket) =>
    endRaw(socket, { status: 405, text: "use GET or HEAD", headers: { allow: reading } }),
  );
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => endRaw(socket, answerToClientError(error)));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE" || error.code === "EACCES";
      reject(
        isTaken
          ? new InputError(`--port ${port}: is taken or not allowed (${error.code}); choose another, or 0 for any`)
          : new DeviceError(`the page cannot be served: ${error.message}`),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}

function answerToClientError({ code }: NodeJS.ErrnoException): TextAnswer {
  if (code === "HPE_HEADER_OVERFLOW") return { status: 431, text: "the headers of the request are too long" };
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return { status: 408, text: "the request did not arrive in time" };
  return { status: 400, text: "the request is not HTTP" };
}

/** Answers where there is no response to write to, and ends the connection. */
function endRaw(socket: Duplex, answer: TextAnswer): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const lines = Object.entries({ ...textHeaders(answer), connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const status = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`;
  socket.on("error", () => {});
  socket.end([status, ...lines, "", `${answer.text}\n`].join("\r\n"), () => socket.destroy());
}

/** Requests of one connection that are not answered yet. */
interface Turn {
  last: Promise<void>;
  waiting: number;
}

class Lab {
  readonly #folder: string;
  readonly #images: ImageFiles;
  readonly #note: (text: string) => void;
  readonly #turns = new WeakMap<Socket, Turn>();

  constructor(folder: string, images: ImageFiles, note: (text: string) => void) {
    this.#folder = folder;
    this.#images = images;
    this.#note = note;
  }

  /**
   * Answers a request after the earlier ones of its connection have been sent, so that a client that does not read holds
   * one open file.
   */
  inTurn(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const turn = this.#turns.get(socket) ?? { last: Promise.resolve(), waiting: 0 };
    this.#turns.set(socket, turn);
    if (turn.waiting === mostPipelined) {
      socket.destroy();
      return;
    }
    turn.waiting++;
    turn.last = turn.last.then(async () => {
      if (!response.destroyed) await this.#answerAll(request, response);
      turn.waiting--;
    });
  }

  async #answerAll(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = finished(response).catch(() => {});
    try {
      await this.#answer(request, response);
    } catch (error) {
      this.#note(`split-ticket lab: ${(error as Error).message}`);
      if (response.headersSent) response.destroy();
      else sendText(response, { status: 500, text: "the server failed; its terminal says why" });
    }
    await sent;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusal(request, (request.socket.address() as AddressInfo).port);
    if (refused) {
      sendText(response, refused);
      return;
    }
    const path = (request.url as string).split("?", 1)[0];
    const [, set] = /^\/data\/([a-z-]+)$/.exec(path) ?? [];
    const fetched = set !== undefined && Object.hasOwn(sources, set) ? (set as SourceName) : undefined;
    const allow = fetched ? "POST" : reading;
    if (!allow.split(", ").includes(request.method ?? "")) {
      sendText(response, { status: 405, text: `use ${allow.replace(", ", " or ")}`, headers: { allow } });
    } else if (fetched) await this.#fetch(fetched, request, response);
    else if (path === "/data/index.json") {
      const text = JSON.stringify(await this.#images.index());
      const about = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
      response.writeHead(200, { ...standardHeaders, ...about }).end(text);
    } else await this.#send(path, request, response);
  }

  async #send(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, set, image] = /^\/data\/([a-z-]+)\/([a-z0-9-]+)$/.exec(path) ?? [];
    // Files lie directly in the page's folder. No address is decoded, so that one that is written otherwise has no file.
    const name = path === "/" ? "index.html" : path.slice(1);
    const isPageFile = /^[a-z_]+\.[a-z]+$/.test(name);
    let file = isPageFile ? await openInside(this.#folder, name) : undefined;
    if ((idxFiles as readonly string[]).includes(image)) file = await this.#images.open(set, image);
    if (!file) sendText(response, notHere);
    else {
      const type = image === undefined ? (contentTypes[extname(name)] ?? bytesType) : bytesType;
      await sendFile(request, response, file, { ...revalidated, "content-type": type });
    }
  }

  /** Fetches a set for the page. A page of another origin cannot send the header without being asked first. */
  async #fetch(source: SourceName, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers[fetchHeader] === undefined) {
      sendText(response, { status: 403, text: `a set is fetched by a request with the header ${fetchHeader}` });
      return;
    }
    // A download limits its own time.
    request.socket.setTimeout(0);
    try {
      await this.#images.fetch(source);
      sendText(response, { status: 200, text: `${source} is here` });
    } catch (error) {
      if (!(error instanceof InputError || error instanceof StorageError)) throw error;
      this.#note(`split-ticket lab: ${error.message}`);
      const advice = `run \`split-ticket data ${source}\` in a terminal, which has more places to fetch it from`;
      sendText(response, { status: 502, text: `${source} could not be fetched from its mirrors: ${advice}` });
    }
  }
}

function sendText(response: ServerResponse, answer: TextAnswer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, textHeaders(answer)).end(`${answer.text}\n`);
}
