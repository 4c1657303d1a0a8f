import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { Command } from "commander";
import { DeviceError, InputError, StorageError } from "../base/errors.ts";
import { endSignals } from "../base/signals/node.ts";
import { listLocal, nodeDatasetAccess } from "../dataset/node.ts";
import { type IdxFile, idxFiles, type SourceName, sources } from "../dataset/sources.ts";
import { packageRoot } from "../device/environment/node.ts";
import type { Shell } from "./shell.ts";

const standardPort = 8017;

interface LabOptions {
  readonly port: string;
}

/** Adds `split-ticket lab`. */
export function addLab(program: Command, shell: Shell): void {
  program
    .command("lab")
    .description("serve the page on this machine, to watch networks split in a browser")
    .option("--port <port>", "port of the address; 0 takes any that is free", String(standardPort))
    .addHelpText(
      "after",
      `
The page trains in the browser, with WebGPU if the browser has it. This command
only serves its files and the image sets. Ctrl-C ends it. Any web host can serve
the same files: npm run build writes them to dist/page.

Example:
  split-ticket lab --port 8080`,
    )
    .action((options: LabOptions) => runLab(options, shell));
}

async function runLab({ port }: LabOptions, shell: Shell): Promise<void> {
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 65535) {
    throw new InputError(`--port ${port} is not an integer from 0 to 65535: give a free port, such as ${standardPort}`);
  }
  const server = await serveLab(number, join(packageRoot(), "dist", "page"), (text) => shell.note(text));
  shell.print(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  shell.note("open this address in a browser; Ctrl-C ends");
  const end = () => {
    server.close();
    server.closeAllConnections();
  };
  for (const signal of endSignals()) process.once(signal, end);
  await new Promise((resolve) => server.on("close", resolve));
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
};

const headers = {
  "cache-control": "no-cache",
  "x-content-type-options": "nosniff",
  // Cross-origin isolation lets the page's threads share memory, so that they read one dataset.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  // The page loads nothing from other origins. Inline styles are allowed for the charts.
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:",
};

/**
 * Serves the page's folder, and the image sets under `data/`, on the loopback interface.
 * @param port 0 takes any that is free
 * @param note receives messages for standard error
 * @throws InputError when the page was not built or the port is taken
 */
export async function serveLab(port: number, folder: string, note: (text: string) => void): Promise<Server> {
  if (!existsSync(join(folder, "index.html"))) {
    throw new InputError(`${folder}: the page was not built; run npm run build`);
  }
  const data = new DataFiles(note);
  const server = createServer((request, response) => {
    answer(request, response, folder, data).catch((error) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(`${(error as Error).message}\n`);
    });
  });
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

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  folder: string,
  data: DataFiles,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const send = (content: Uint8Array | string, type: string) => {
    response.writeHead(200, { ...headers, "content-type": type, "content-length": Buffer.byteLength(content) });
    response.end(request.method === "HEAD" ? undefined : content);
  };
  if (path === "/data/index.json") {
    send(JSON.stringify(await data.index()), "application/json");
    return;
  }
  const image = /^\/data\/([a-z-]+)\/([a-z0-9-]+)$/.exec(path);
  const content = image ? await data.file(image[1], image[2]) : await pageFile(folder, path);
  if (content === undefined) response.writeHead(404, { ...headers, "content-type": "text/plain" }).end("not here\n");
  else
    send(content, contentTypes[extname(path)] ?? (path === "/" ? contentTypes[".html"] : "application/octet-stream"));
}

/** A file directly in the page's folder; undefined for every other path. */
async function pageFile(folder: string, path: string): Promise<Uint8Array | undefined> {
  const name = path === "/" ? "index.html" : path.slice(1);
  if (!/^[a-z_]+\.[a-z]+$/.test(name) || !existsSync(join(folder, name))) return undefined;
  return readFile(join(folder, name));
}

/** Serves the original files of the image sets. */
class DataFiles {
  readonly #access = nodeDatasetAccess();
  readonly #note: (text: string) => void;
  #index: Promise<Record<string, { sizeBytes: number; isHere: boolean }>> | undefined;

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  /** Size of each image set, and whether it is on this machine or must be fetched first. */
  index() {
    this.#index ??= Promise.all(
      (Object.keys(sources) as SourceName[]).map(async (source) => {
        const files = await listLocal(source);
        const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
        return [source, { sizeBytes, isHere: files.every(({ verified }) => verified) }] as const;
      }),
    ).then((entries) => Object.fromEntries(entries));
    return this.#index;
  }

  /** An original file; undefined when no file has that name, or when it cannot be fetched, which is then noted. */
  async file(source: string, file: string): Promise<Uint8Array | undefined> {
    if (!Object.hasOwn(sources, source) || !(idxFiles as readonly string[]).includes(file)) return undefined;
    try {
      return await this.#access.idxFile(source as SourceName, file as IdxFile);
    } catch (error) {
      if (!(error instanceof InputError || error instanceof StorageError)) throw error;
      this.#note(`split-ticket: ${error.message}`);
      return undefined;
    }
  }
}
