import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { serveLab } from "../../src/cli/lab.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "split-ticket-lab-"));
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "index.html"), "<p>page</p>");
  writeFileSync(join(folder, "page.js"), "1");
  writeFileSync(join(folder, "..secret"), "no");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("serves the page's files, on loopback alone, and nothing else", async () => {
  const server = await serveLab(0, folder, console.error);
  try {
    const { address, port } = server.address() as AddressInfo;
    expect(address).toBe("127.0.0.1");
    const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
    const page = await get("/");
    expect([page.status, page.headers.get("content-type"), await page.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      "<p>page</p>",
    ]);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect((await get("/page.js")).headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(await (await get("/page.js", { method: "HEAD" })).text()).toBe("");
    for (const path of [
      "/none.js",
      "/..secret",
      "/%2e%2e/secret",
      "/data/mnist/passwd",
      "/data/other/t10k-labels-idx1-ubyte",
    ]) {
      expect((await get(path)).status, path).toBe(404);
    }
    expect((await get("/", { method: "POST" })).status).toBe(405);
    const labels = await get("/data/mnist/t10k-labels-idx1-ubyte");
    expect((await labels.arrayBuffer()).byteLength).toBe(10_008);
    const index = (await (await get("/data/index.json")).json()) as Record<string, { sizeBytes: number }>;
    expect(index.mnist).toEqual({ sizeBytes: 54_950_048, isHere: true });
    await expect(serveLab(port, folder, console.error)).rejects.toThrow(
      `--port ${port}: is taken or not allowed (EADDRINUSE); choose another, or 0 for any`,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it("refuses a port that is none, and a page that was not built", async () => {
  const finished = await cli.call(["lab", "--port", "http"]);
  expect([finished.code, finished.stderr]).toEqual([
    2,
    "split-ticket: --port http is not an integer from 0 to 65535: give a free port, such as 8017\n",
  ]);
  await expect(serveLab(0, join(folder, "data"), console.error)).rejects.toThrow(
    "data: the page was not built; run npm run build",
  );
});
