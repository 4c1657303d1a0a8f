import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import type { LevelState } from "../src/analysis/state.ts";
import type { NeuronState } from "../src/analysis/states.ts";
import { formatLevelCurves, parseLevelCurves } from "../src/store/level_curves.ts";
import { foldersIn, isMade, pages, readText, repositoryPaths } from "./repository.ts";
import { faces, rooms } from "./rooms.ts";

const paths = repositoryPaths();
/** The folders at the top that hold sources. */
const sourceFolders = ["shaders", "src", "bench", "test", "tools"];

/** Links of a Markdown page to other files, without their anchors. */
function linkTargets(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target]) => target)
    .filter((one) => !/^[a-z]+:/.test(one));
}

/** Anchors that a page links to in itself (`#words`) or in another page (`README.md#words`), as `[page, anchor]`. */
function linkedAnchors(page: string, text: string): (readonly [string, string])[] {
  return [...text.matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)].map(([, target, anchor]) => [
    target === "" ? page : posix.join(posix.dirname(page), target),
    anchor,
  ]);
}

/** The anchors of a page's headings as GitHub makes them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** What stands in backticks in a page's sentences, code blocks aside. */
function codeSpans(text: string): string[] {
  return [...text.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
}

/**
 * The spans that name files or folders of the repository but none that is there. A span names one when it starts with a folder
 * at the top of the repository, or is a source file's name or a folder's name with a `/` at the end. `<name>` and `*` stand for
 * any name: some file must fit.
 */
function lostPaths(spans: readonly string[], existing: readonly string[]): string[] {
  const top = new Set(existing.map((path) => path.split("/")[0]).filter((name) => existing.includes(`${name}/`)));
  return spans
    .flatMap((span) => span.split(/,? /))
    .filter((span) => {
      const fromTop = /^[\w.]+\//.test(span) && top.has(span.split("/")[0]);
      const isSource = /^[\w<>*.-]+\.(ts|mjs|wgsl)$/.test(span) || /^[a-z0-9_]+\/$/.test(span);
      if (!fromTop && !isSource) return false;
      const pattern = span.replaceAll(/[.+]/g, "\\$&").replaceAll(/<[a-z]+>|\*/g, "[^/]+");
      // A folder may be named with or without its slash; a bare name may lie anywhere.
      const fits = new RegExp(`^${fromTop ? "" : "(.*/)?"}${pattern}/?$`);
      return !existing.some((path) => fits.test(path));
    });
}

describe.each(pages)("%s", (page) => {
  const text = readText(page);

  it("has no link that leads nowhere", () => {
    const lost = linkTargets(text).filter((target) => {
      const path = posix.join(posix.dirname(page), target);
      return !paths.includes(path) && !paths.includes(`${path}/`);
    });
    expect(lost).toEqual([]);
    expect(linkedAnchors(page, text).filter(([to, anchor]) => !anchorsOf(readText(to)).includes(anchor))).toEqual([]);
  });

  it("names no file that is not there", () => {
    const spans = codeSpans(text).filter((span) => !isMade(span));
    expect(lostPaths(spans, paths)).toEqual([]);
  });
});

it("finds lost paths, and lets patterns and other words pass", () => {
  const existing = ["src/", "src/mask/", "src/mask/bits.ts", "README.md"];
  const lost = (text: string) => lostPaths(codeSpans(text), existing);
  expect(
    lost("`src/mask/bits.ts`, `src/mask`, `src/mask/`, `bits.ts`, `mask/`, `src/<room>/bits.ts`, `src/*/bits.ts`"),
  ).toEqual([]);
  expect(lost("`a/b`, `runs/x`, `my.csv`, `run.json`, `4,8/4,16`, `node_modules`\n```\nsrc/lost.ts\n```\n")).toEqual(
    [],
  );
  for (const path of ["src/lost.ts", "src/lost/", "src/mask/<name>.wgsl", "lost.ts", "lost/", "src/mask/bits.ts/"]) {
    expect(lost(`\`${path}\``), path).toEqual([path]);
  }
});

it("README.md defines the words of the analysis first of all", () => {
  const [, first] = readText("README.md").split(/^## /m);
  expect(first).toMatch(/^Words\n/);
  const defined = [...first.matchAll(/^\| (\*[^|]+\*) \| .+ \|$/gm)].flatMap(([, words]) =>
    words.split(", ").map((word) => word.replaceAll("*", "")),
  );
  const states = ["degraded", "interconnected", "separated", "fragmented"] satisfies LevelState[];
  const neurons = ["active", "inactive", "zombie"] satisfies NeuronState[];
  const others = [
    "mask",
    "density",
    "level",
    "rewinding",
    "ticket",
    "winning",
    "subnetwork",
    "coverage",
    "balanced accuracy",
    "baseline",
    "lost",
  ];
  expect(defined.sort()).toEqual([...states, ...neurons, ...others].sort());
});

describe("the map of the house in README.md", () => {
  /** The names that end in a slash, after each folder at the top. */
  const entries = mapEntries(readText("README.md"));

  it("has every folder that holds sources, and no other that is not there", () => {
    const there = foldersIn().filter((name) => !name.startsWith("."));
    expect([...entries.keys()].filter((name) => !there.includes(name))).toEqual([]);
    expect(sourceFolders.filter((name) => !entries.has(name))).toEqual([]);
  });

  it.each(sourceFolders)("names the folders of %s/, no more and no fewer", (folder) => {
    // Tests lie in the folder of the room that they test, so the map names the others.
    const named = foldersIn(folder).filter((name) => folder !== "test" || !(name in rooms || faces.includes(name)));
    expect([...(entries.get(folder) ?? [])].sort()).toEqual(named);
  });
});

/** Reads the map: lines such as `bench/  text with float64/ and peers/`, which indented lines go on with. */
function mapEntries(readme: string): Map<string, string[]> {
  const map = /^## How it is built$[\s\S]*?^```$\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? "";
  const entries = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of map.split("\n")) {
    const top = /^([\w.]+)\//.exec(line)?.[1];
    if (top) {
      current = [];
      entries.set(top, current);
    }
    const rest = top ? line.slice(top.length + 1) : line;
    current.push(...[...rest.matchAll(/(?<![\w/.])(\w+)\/(?![\w.])/g)].map(([, name]) => name));
  }
  return entries;
}

describe("the table of rooms in ARCHITECTURE.md", () => {
  const table = new Map(
    [...readText("ARCHITECTURE.md").matchAll(/^\| `src\/(\w+)\/` \| ([^|]+) \| ([^|]+) \|$/gm)].map(
      ([, room, , imports]) => [room, imports],
    ),
  );

  it("has every folder of src/, no more and no fewer, as the rules of imports have", () => {
    expect([...table.keys()].sort()).toEqual(foldersIn("src"));
    expect([...Object.keys(rooms), ...faces].sort()).toEqual(foldersIn("src"));
  });

  it.each(Object.entries(rooms))("says what %s may import", (room, { imports, types = [] }) => {
    const told = imports.length > 0 ? imports.join(", ") : "nothing";
    expect(table.get(room)).toBe(types.length > 0 ? `${told}; types of ${types.join(", ")}` : told);
  });

  it.each(faces)("says that %s may import anything", (face) => {
    expect(table.get(face)).toBe("anything");
  });
});

it("CHANGELOG.md begins with what is unreleased, and its newest version is package.json's", () => {
  const sections = [...readText("CHANGELOG.md").matchAll(/^## \[?([^\]\s]+)/gm)].map(([, name]) => name);
  expect(sections.slice(0, 2)).toEqual(["Unreleased", JSON.parse(readText("package.json")).version]);
});

it("the hosted check calls .ci/run on the oldest Node that package.json asks for", () => {
  const workflow = readText(".github/workflows/ci.yml");
  const oldest = /^>=(\d+)$/.exec(JSON.parse(readText("package.json")).engines.node)?.[1];
  expect(workflow).toMatch(/^ +run: \.ci\/run$/m);
  expect(workflow).toMatch(new RegExp(`^ +node-version: ${oldest}$`, "m"));
});

it("shows a line of curves.jsonl, and a script that reads what is in it", () => {
  const line = /^```json\n(.*)\n```$/m.exec(readText("docs/curves.md"))?.[1] ?? "";
  const curves = parseLevelCurves(line, 0, "docs/curves.md");
  expect(formatLevelCurves(curves)).toBe(line);
  const read = [...readText("docs/log_curves.py").matchAll(/level\["(\w+)"\]|level\['(\w+)'\]/g)];
  expect([...new Set(read.map(([, double, single]) => double ?? single))].sort()).toEqual(Object.keys(curves).sort());
});
