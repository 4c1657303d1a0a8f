import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { run } from "../../src/node.ts";
import { LocalLaboratory } from "../../src/web/worker/laboratory.ts";

/** Names that files have elsewhere: spaces, signs of shells, addresses and markup, dots, umlauts of both forms, length. */
const names = [
  "my data (v2)",
  "größe & maß <b>'\"",
  "gro\u0308ße",
  ".hidden",
  "a..b",
  "-v 100%20 #1?*:|",
  "🧪 данные",
  "long".repeat(60),
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "split-ticket-names-"));
  // A page has it; of Node from version 21 on only.
  vi.stubGlobal("navigator", { hardwareConcurrency: 2, userAgent: "test" });
});
afterAll(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true, force: true });
});

const rows = Array.from({ length: 20 }, (_, i) => `${Math.sin(i)},${Math.cos(i)},${i % 2}`).join("\n");
const set = { shape: [2, 3, 1], levels: 1, rate: 0.5, maxEpochs: 1, keepTrained: true };
const laboratory = () => new LocalLaboratory(new URL("http://localhost/"), () => {});

/** Files below a folder by their path, which begins with the folder's name, as a browser gives them. */
function dropped(root: string): [string, Uint8Array][] {
  return readdirSync(join(folder, root), { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, root, path)).isFile())
    .map((path) => [`${root}/${path}`, new Uint8Array(readFileSync(join(folder, root, path)))]);
}

it("the page opens the runs of files of any name, as a folder and as the archive that it saves", async () => {
  const paths = names.map((name) => join(folder, `${name}.csv`));
  for (const path of paths) writeFileSync(path, rows);
  await run(paths, { device: "cpu", set, out: join(folder, "runs") });

  const lab = laboratory();
  const opened = await lab.openFolder("runs", dropped("runs"));
  if (opened.kind !== "runs") throw new Error(opened.kind);
  expect(opened.runs.map(({ name }) => name).sort()).toEqual([...names].sort());
  const archive = await lab.archive();
  expect(Object.keys(unzipSync(archive)).sort()).toEqual(
    dropped("runs")
      .map(([path]) => path)
      .sort(),
  );

  const other = laboratory();
  const again = await other.openFile("runs.zip", archive, { coverage: "output" });
  expect(again).toEqual(opened);
  for (const { path } of opened.runs) {
    expect(await other.graphml(path, 1)).toContain("<graphml");
    expect((await other.ticket(path, 1)).length).toBeGreaterThan(100);
    // The page cannot read the file of own data again, so it draws no decisions.
    expect(await other.boundary(path, 1)).toBeUndefined();
  }
});

it("the page opens a run folder alone, and a zip file of what is in it", async () => {
  const [experiment] = readdirSync(join(folder, "runs"));
  const files = dropped(`runs/${experiment}/seed-0`);
  const inside = files.map(([path, content]) => [path.split("/").at(-1) ?? "", content] as const);
  const opened = await laboratory().openFolder("seed-0", inside);
  expect(opened).toMatchObject({ kind: "runs", runs: [{ seed: 0, path: `runs/${experiment}/seed-0` }] });
});

it("the page refuses a run that is there twice, and a name that is a path", async () => {
  const [experiment] = readdirSync(join(folder, "runs"));
  const files = dropped(`runs/${experiment}/seed-0`);
  const copy = files.map(([path, content]) => [`copy/${path}`, content] as const);
  await expect(laboratory().openFolder("all", [...files, ...copy])).rejects.toThrow(
    new InputError(
      `all: holds the run runs/${experiment}/seed-0 twice, the second time in runs/${experiment}/seed-0; drop one of them`,
    ),
  );
  for (const name of ["../../up", "a\\b", "a\u001b[31m"]) {
    const renamed = files.map(([path, content]) => {
      if (!path.endsWith("/run.json")) return [path, content] as const;
      // As of an older version, whose record has no checksum of its own.
      const { sha256: _, ...record } = JSON.parse(new TextDecoder().decode(content));
      return [path, new TextEncoder().encode(JSON.stringify({ ...record, format: 2, name }))] as const;
    });
    await expect(laboratory().openFolder("all", renamed)).rejects.toThrow("which names no folder");
    await expect(
      run({ name, spec: { dataset: "moons-circles", shape: [4, 3, 2] } }, { device: "cpu", out: folder }),
    ).rejects.toThrow(
      new InputError(
        `name ${JSON.stringify(name)}: it names folders, so it has no / or \\ and no control characters; choose another`,
      ),
    );
  }
});
