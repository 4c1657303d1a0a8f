import { mkdtempSync, readdirSync, readlinkSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LabLimits, serveLab } from "../../../src/cli/lab/server.ts";
import { open, untilClosed } from "./client.ts";

/** On a machine with other load what is awaited takes seconds. */
const soon = { timeout: 30_000 };

const largeBytes = 200 * 2 ** 20;
let folder = "";
let server: Server;
let port = 0;
const sockets: Socket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "split-ticket-load-"));
  writeFileSync(join(folder, "index.html"), "<p>page</p>");
  writeFileSync(join(folder, "large.js"), "");
  // A file of holes: it takes no room on the disk.
  truncateSync(join(folder, "large.js"), largeBytes);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(limits: Partial<LabLimits> = {}): Promise<void> {
  server = await serveLab(0, folder, console.error, { limits });
  port = (server.address() as AddressInfo).port;
}

async function client(): Promise<Socket> {
  const socket = await open(port);
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
/** Open handles of the large file in this process; Linux tells them. */
const openFiles = () =>
  process.platform === "linux"
    ? readdirSync("/proc/self/fd", { withFileTypes: true }).filter(({ name }) => linksToLarge(name)).length
    : undefined;
function linksToLarge(descriptor: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`) === join(folder, "large.js");
  } catch {
    return false;
  }
}

describe("readers that never read", () => {
  it("take little memory, one open file each, and are gone after the idle time, and their files are closed", async () => {
    await serve({ idleMs: 2000 });
    collectGarbage();
    const before = process.memoryUsage();
    for (let i = 0; i < 30; i++) {
      const socket = await client();
      socket.pause();
      // Further requests on the same connection wait for the first.
      socket.write(request("/large.js").repeat(10));
    }
    await vi.waitFor(async () => expect(await connections()).toBe(30), soon);
    if (openFiles() !== undefined) await vi.waitFor(() => expect(openFiles()).toBe(30), soon);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // The pieces that the connections have taken are garbage until they are collected.
    await vi.waitFor(() => {
      collectGarbage();
      expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(30 * 256 * 1024);
    }, soon);
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(120 * 2 ** 20);
    if (openFiles() !== undefined) expect(openFiles()).toBe(30);
    await vi.waitFor(async () => expect(await connections()).toBe(0), soon);
    if (openFiles() !== undefined) await vi.waitFor(() => expect(openFiles()).toBe(0), soon);
  });

  it("do not keep others from being served", async () => {
    await serve();
    for (let i = 0; i < 30; i++) {
      const socket = await client();
      socket.pause();
      socket.write(request("/large.js"));
    }
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("<p>page</p>");
    const whole = await (await fetch(`http://127.0.0.1:${port}/large.js`)).arrayBuffer();
    expect(whole.byteLength).toBe(largeBytes);
  });
});

it("closes the file of a client that goes away in the middle", async () => {
  await serve();
  const socket = await client();
  socket.write(request("/large.js"));
  await new Promise((resolve) => socket.once("data", resolve));
  socket.pause();
  if (openFiles() !== undefined) expect(openFiles()).toBe(1);
  socket.destroy();
  await vi.waitFor(async () => expect(await connections()).toBe(0), soon);
  if (openFiles() !== undefined) await vi.waitFor(() => expect(openFiles()).toBe(0), soon);
});

describe("a connection", () => {
  it("is ended, with an answer, where a request does not arrive in time, however slowly it trickles", async () => {
    await serve({ requestMs: 400 });
    const silent = await client();
    const started = performance.now();
    const slow = await client();
    const answer = untilClosed(slow);
    slow.write("GET / HTTP/1.1\r\n");
    const trickle = setInterval(() => slow.write("X: y\r\n"), 50);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*frame-ancestors 'none'/);
    clearInterval(trickle);
    expect(performance.now() - started).toBeLessThan(5000);
    silent.destroy();
  });

  it("is ended where it says nothing at all", async () => {
    await serve({ idleMs: 300 });
    expect(await untilClosed(await client())).toBe("");
  });

  it("is closed at once beyond the bound, and free again when another ends", async () => {
    await serve({ connections: 3 });
    const held = [await client(), await client(), await client()];
    await vi.waitFor(async () => expect(await connections()).toBe(3), soon);
    expect(await untilClosed(await client())).toBe("");
    held[0].destroy();
    await vi.waitFor(async () => expect(await connections()).toBe(2), soon);
    const next = await client();
    const answer = untilClosed(next);
    next.write(request("/").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it("gets the answers to several requests in order, and is ended where it sends too many unread", async () => {
    await serve();
    const few = await client();
    const answers = untilClosed(few);
    few.write(
      `${request("/")}${request("/none.js")}${request("/").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")}`,
    );
    expect([...(await answers).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      "200",
      "404",
      "200",
    ]);
    const many = await client();
    many.pause();
    many.write(request("/large.js").repeat(400));
    await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 5000 });
  });
});
