import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LabOptions, serveLab } from "../../../src/cli/lab/server.ts";
import { commandLine } from "../command.ts";
import { ask, open, parsed, type RawAnswer, sendRaw, untilClosed } from "./client.ts";

const cli = commandLine();
let root = "";
let folder = "";
let server: Server;
let port = 0;
const notes: string[] = [];
const portOf = (one: Server) => (one.address() as AddressInfo).port;
const end = (one: Server) => {
  one.closeAllConnections();
  one.close();
};
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-lab-"));
  folder = join(root, "page");
  mkdirSync(join(folder, "data"), { recursive: true });
  mkdirSync(join(folder, "inner.js"));
  writeFileSync(join(folder, "index.html"), "<p>page</p>");
  writeFileSync(join(folder, "page.js"), "1");
  writeFileSync(join(folder, "empty.js"), "");
  writeFileSync(join(folder, "..secret"), "no");
  writeFileSync(join(root, "secret.js"), "secret");
  symlinkSync("page.js", join(folder, "within.js"));
  symlinkSync("../secret.js", join(folder, "outside.js"));
  symlinkSync(join(root, "secret.js"), join(folder, "absolute.js"));
  symlinkSync("loop.js", join(folder, "loop.js"));
  symlinkSync("nowhere.js", join(folder, "broken.js"));
  linkSync(join(folder, "page.js"), join(folder, "hard.js"));
  server = await serveLab(0, folder, (text) => notes.push(text), { locate: { cacheFolder: join(root, "cache") } });
  port = portOf(server);
});
afterAll(() => {
  end(server);
  rmSync(root, { recursive: true, force: true });
  expect(notes).toEqual([]);
});

/** Headers that every answer has, whatever it is. */
function expectStandardHeaders({ headers }: RawAnswer, what: string): void {
  const policy = headers.get("content-security-policy") ?? "";
  for (const rule of ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]) {
    expect(policy.split("; "), what).toContain(rule);
  }
  expect(Object.fromEntries(headers), what).toMatchObject({
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": expect.stringMatching(/^no-(cache|store)$/),
    "content-type": expect.stringMatching(/./),
  });
  expect(headers.has("access-control-allow-origin"), what).toBe(false);
}

describe("the page's files", () => {
  it("are served with their types, on loopback alone", async () => {
    expect((server.address() as AddressInfo).address).toBe("127.0.0.1");
    const page = await ask(port, "/");
    expect([page.status, page.headers.get("content-type"), page.body]).toEqual([
      200,
      "text/html; charset=utf-8",
      "<p>page</p>",
    ]);
    expect((await ask(port, "/page.js?v=1")).headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(await ask(port, "/empty.js")).toMatchObject({ status: 200, body: "" });
    const labels = await ask(port, "/data/mnist/t10k-labels-idx1-ubyte");
    expect([labels.status, labels.body.length]).toEqual([200, 10_008]);
    const index = JSON.parse((await ask(port, "/data/index.json")).body) as Record<string, { sizeBytes: number }>;
    expect(index.mnist).toEqual({ sizeBytes: 54_950_048, isHere: true });
  });

  it("HEAD has the headers of GET and no content", async () => {
    for (const path of ["/", "/page.js", "/data/index.json", "/data/mnist/train-images-idx3-ubyte", "/none.js"]) {
      const head = await ask(port, path, {}, "HEAD");
      const get = await ask(port, path);
      const plain = ({ headers }: RawAnswer) => [...headers].filter(([name]) => name !== "date");
      expect([head.status, plain(head), head.body], path).toEqual([get.status, plain(get), ""]);
      expect(Number(get.headers.get("content-length")), path).toBe(get.body.length);
    }
  });

  it("are served whole where a range is asked for, which the header says", async () => {
    const answer = await ask(port, "/", { Range: "bytes=1-2" });
    expect([answer.status, answer.body, answer.headers.get("accept-ranges")]).toEqual([200, "<p>page</p>", "none"]);
    expect(answer.headers.has("content-range")).toBe(false);
  });

  it("are those in the folder: a link is followed to a file in it, and no further", async () => {
    for (const path of ["/within.js", "/hard.js"])
      expect(await ask(port, path), path).toMatchObject({ status: 200, body: "1" });
    for (const path of ["/outside.js", "/absolute.js", "/loop.js", "/broken.js", "/inner.js", "/data"]) {
      expect(await ask(port, path), path).toMatchObject({ status: 404, body: "not here\n" });
    }
  });

  it("are reached by their plain names alone", async () => {
    for (const path of [
      "/none.js",
      "/..secret",
      "/../secret.js",
      "/%2e%2e/secret.js",
      "/..%2fsecret.js",
      "/%2e%2e%2fsecret.js",
      "/..\\secret.js",
      "/..%5csecret.js",
      "/page.js%00",
      "/page.js%00.html",
      "/%70age.js",
      "//page.js",
      "/./page.js",
      "/page.js/",
      "/page.js;a",
      "/PAGE.JS",
      `/${join(root, "secret.js")}`,
      "/file:///etc/passwd",
      "/C:/windows/win.ini",
      "/data/mnist/passwd",
      "/data/mnist/../mnist/t10k-labels-idx1-ubyte",
      "/data/other/t10k-labels-idx1-ubyte",
      "/data/constructor/t10k-labels-idx1-ubyte",
      "/data/__proto__/t10k-labels-idx1-ubyte",
    ]) {
      const answer = await ask(port, path);
      expect([answer.status, answer.body], path).toEqual([404, "not here\n"]);
      expectStandardHeaders(answer, path);
    }
  });
});

describe("a request", () => {
  it("without Host is refused with the headers of all answers", async () => {
    const answer = await sendRaw(port, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    expect(answer.status).toBe(403);
    expectStandardHeaders(answer, "no Host");
  });

  it("is told by all of its headers, however many come before them", async () => {
    const others = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`x${i}`, ""]));
    expect((await ask(port, "/", others)).status).toBe(200);
    expect((await ask(port, "/", { ...others, Origin: "http://other.example" })).status).toBe(403);
    expect((await ask(port, "/page.js", { ...others, "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
  });

  it("must name this server as its host, by the address and port that it has", async () => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      expect((await ask(port, "/", { Host: host })).status, host).toBe(200);
    }
    for (const host of [
      `evil.example:${port}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `localhost.:${port}`,
      "127.0.0.1",
      "localhost",
      `127.0.0.1:${port + 1}`,
      `127.0.0.2:${port}`,
      `0.0.0.0:${port}`,
      `127.1:${port}`,
      `user@127.0.0.1:${port}`,
      "",
    ]) {
      for (const path of ["/", "/data/index.json", "/data/mnist/t10k-labels-idx1-ubyte"]) {
        const answer = await ask(port, path, { Host: host });
        const told = `this server answers to its own address alone: open http://127.0.0.1:${port}/\n`;
        expect([answer.status, answer.body], host).toEqual([403, told]);
        expectStandardHeaders(answer, host);
      }
    }
    expect((await sendRaw(port, "GET / HTTP/1.0\r\n\r\n")).status).toBe(403);
    const twice = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
    expect((await sendRaw(port, twice)).status).toBeGreaterThanOrEqual(400);
    expect((await ask(port, `http://127.0.0.1:${port}/`)).status).toBe(400);
    expect((await ask(port, "*", {}, "GET")).status).toBe(400);
  });

  it("must come from this server's own page where a browser says whence it comes", async () => {
    for (const headers of [
      { Origin: `http://127.0.0.1:${port}` },
      { "Sec-Fetch-Site": "same-origin" },
      { "Sec-Fetch-Site": "none" },
      { Host: `localhost:${port}`, Origin: `http://localhost:${port}`, "Sec-Fetch-Site": "same-origin" },
    ]) {
      expect((await ask(port, "/page.js", headers)).status, JSON.stringify(headers)).toBe(200);
    }
    for (const headers of [
      { Origin: "https://evil.example" },
      { Origin: "null" },
      { Origin: `https://127.0.0.1:${port}` },
      { Origin: `http://127.0.0.1:${port + 1}` },
      { Origin: `http://localhost:${port}` },
      { Origin: `http://127.0.0.1:${port}.evil.example` },
      { "Sec-Fetch-Site": "cross-site" },
      // Another port of this machine is the same site.
      { "Sec-Fetch-Site": "same-site" },
      { "Sec-Fetch-Site": "" },
      { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image" },
      { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" },
    ]) {
      for (const path of ["/", "/page.js", "/data/index.json", "/data/mnist/t10k-labels-idx1-ubyte"]) {
        const answer = await ask(port, path, headers);
        expect(answer.status, `${path} ${JSON.stringify(headers)}`).toBe(403);
        expectStandardHeaders(answer, path);
      }
    }
  });

  it("may come by a link of another site to the page, and to nothing else", async () => {
    const link = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
    expect((await ask(port, "/", link)).status).toBe(200);
    for (const path of ["/page.js", "/data/index.json", "/data/mnist/t10k-labels-idx1-ubyte", "/data/mnist"]) {
      expect((await ask(port, path, link)).status, path).toBe(403);
    }
    expect((await ask(port, "/", { ...link, Origin: "https://evil.example" })).status).toBe(403);
  });

  it("by another method gets 405 with the methods that there are", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]) {
      for (const path of ["/", "/none.js", "/data/index.json", "/data/mnist/t10k-labels-idx1-ubyte", "/data/other"]) {
        const answer = await ask(port, path, {}, method);
        expect([answer.status, answer.headers.get("allow")], `${method} ${path}`).toEqual([405, "GET, HEAD"]);
        expectStandardHeaders(answer, method);
      }
    }
    for (const method of ["GET", "HEAD", "PUT", "OPTIONS"]) {
      const answer = await ask(port, "/data/mnist", {}, method);
      expect([answer.status, answer.headers.get("allow")], method).toEqual([405, "POST"]);
    }
    const tunnel = await ask(port, `evil.example:443`, {}, "CONNECT");
    expect([tunnel.status, tunnel.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expectStandardHeaders(tunnel, "CONNECT");
  });

  it("has no content, a bounded address and bounded headers", async () => {
    const host = `Host: 127.0.0.1:${port}`;
    for (const [what, bytes, status] of [
      ["content", `POST /data/mnist HTTP/1.1\r\n${host}\r\nContent-Length: 1000000000\r\n\r\nabc`, 413],
      ["pieces", `GET / HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`, 413],
      ["expectation", `POST / HTTP/1.1\r\n${host}\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`, 413],
      ["other expectation", `GET / HTTP/1.1\r\n${host}\r\nExpect: wonders\r\nContent-Length: 3\r\n\r\n`, 413],
      ["address", `GET /${"a".repeat(3000)} HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`, 414],
      ["headers", `GET / HTTP/1.1\r\n${host}\r\nX: ${"a".repeat(20_000)}\r\n\r\n`, 431],
      ["long address", `GET /${"a".repeat(20_000)} HTTP/1.1\r\n${host}\r\n\r\n`, 431],
      ["no HTTP", "\0\0\0\0\r\n\r\n", 400],
      ["zero byte", `GET /\0 HTTP/1.1\r\n${host}\r\n\r\n`, 400],
      ["two lengths", `GET / HTTP/1.1\r\n${host}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
    ] as const) {
      const answer = await sendRaw(port, bytes);
      expect(answer.status, what).toBe(status);
      expectStandardHeaders(answer, what);
    }
  });
});

it("says nothing of where its files lie, also where one cannot be read", async () => {
  const broken = join(root, "broken");
  mkdirSync(broken);
  writeFileSync(join(broken, "index.html"), "x");
  const said: string[] = [];
  // A cache below a file: the listing of the sets fails on no path, and that of the page on the folder itself.
  const options: LabOptions = {
    locate: { cacheFolder: join(broken, "index.html", "cache"), places: ["cache"], mirrors: [] },
  };
  const other = await serveLab(0, broken, (text) => said.push(text), options);
  try {
    rmSync(broken, { recursive: true });
    const at = portOf(other);
    for (const [path, method] of [
      ["/", "GET"],
      ["/data/index.json", "GET"],
      ["/data/mnist/t10k-labels-idx1-ubyte", "GET"],
      ["/data/mnist", "POST"],
    ]) {
      const answer = await ask(at, path, { "x-split-ticket-fetch": "1" }, method);
      expect(answer.body, path).not.toContain(tmpdir());
      expect(answer.body, path).not.toContain("cache");
      expectStandardHeaders(answer, path);
    }
  } finally {
    end(other);
  }
  expect(said).toHaveLength(1);
});

it("ends the connection where a file turns out shorter than was said", async () => {
  const path = join(folder, "shrinking.js");
  writeFileSync(path, "x".repeat(40_000_000));
  const socket = await open(port);
  socket.write(`GET /shrinking.js HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  await new Promise((resolve) => socket.once("readable", resolve));
  truncateSync(path, 0);
  const startedAt = performance.now();
  const { headers, body } = parsed(await untilClosed(socket));
  // A connection that is kept for further requests ends after 5 s.
  expect(performance.now() - startedAt).toBeLessThan(4000);
  expect(headers.get("content-length")).toBe("40000000");
  expect(body.length).toBeLessThan(40_000_000);
});

it("refuses a port that is none or taken, and a page that was not built", async () => {
  const finished = await cli.call(["lab", "--port", "http"]);
  expect([finished.code, finished.stderr]).toEqual([
    2,
    "split-ticket: --port http is not an integer from 0 to 65535: give a free port, such as 8017\n",
  ]);
  await expect(serveLab(port, folder, console.error)).rejects.toThrow(
    `--port ${port}: is taken or not allowed (EADDRINUSE); choose another, or 0 for any`,
  );
  await expect(serveLab(0, join(folder, "data"), console.error)).rejects.toThrow(
    "data: the page is not there; run npm run build",
  );
});
