import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { engineFolders, faces, rooms, shadersOfChoices } from "./rooms.ts";

interface Import {
  /** What is imported, as it is written. */
  target: string;
  typesOnly: boolean;
}

interface SourceFile {
  /** Path from the root of the repository, `/`-separated. */
  path: string;
  imports: Import[];
  /** Names of Node's globals that the file uses. */
  nodeGlobals: string[];
}

const nodeGlobals = ["process", "Buffer", "require", "__dirname", "__filename"];

interface SyntaxNode {
  type: string;
  [field: string]: unknown;
}

/** Reads imports (static, dynamic, re-exports, types) and uses of Node's globals from a file's syntax tree. */
function parseSource(path: string, text: string): SourceFile {
  const file: SourceFile = { path, imports: [], nodeGlobals: [] };
  const literal = (node: unknown): string => String((node as { value: unknown }).value);
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    if (typeof value !== "object" || value === null || !("type" in value)) return;
    const node = value as SyntaxNode;
    if (node.type === "ImportDeclaration") {
      const specifiers = node.specifiers as { importKind?: string }[];
      const onlyTypes = specifiers.length > 0 && specifiers.every((specifier) => specifier.importKind === "type");
      file.imports.push({ target: literal(node.source), typesOnly: node.importKind === "type" || onlyTypes });
    } else if (node.type === "ExportAllDeclaration" || (node.type === "ExportNamedDeclaration" && node.source)) {
      file.imports.push({ target: literal(node.source), typesOnly: node.exportKind === "type" });
    } else if (node.type === "ImportExpression") {
      file.imports.push({ target: literal(node.source), typesOnly: false });
    } else if (node.type === "TSImportType") {
      file.imports.push({ target: literal(node.source), typesOnly: true });
    } else if (node.type === "MemberExpression" || node.type === "CallExpression" || node.type === "NewExpression") {
      for (const part of [node.object, node.callee, ...((node.arguments as unknown[]) ?? [])]) {
        const name = (part as SyntaxNode | undefined)?.type === "Identifier" ? String((part as SyntaxNode).name) : "";
        if (nodeGlobals.includes(name)) file.nodeGlobals.push(name);
      }
      const property = node.property as SyntaxNode | undefined;
      const ofGlobal = (node.object as SyntaxNode | undefined)?.name === "globalThis";
      if (ofGlobal && nodeGlobals.includes(String(property?.name))) file.nodeGlobals.push(String(property?.name));
    }
    Object.values(node).forEach(visit);
  };
  visit(parseAst(text, { lang: "ts" }, path).body);
  return file;
}

/** The room of a file below src/, or null for what lies at its top (src/other.ts, src/node.ts). */
function roomOf(path: string): string | null {
  const parts = path.split("/");
  return parts[0] === "src" && parts.length > 2 ? parts[1] : null;
}

/** The folder of a file of the engine room, undefined for the files above the folders and for other rooms. */
function folderInEngine(path: string): string | undefined {
  const parts = path.split("/");
  return roomOf(path) === "engine" && parts.length > 3 ? parts[2] : undefined;
}

const isNodeFile = (path: string) => basename(path) === "node.ts";
const isChromeFile = (path: string) => basename(path) === "chrome.ts";

/** Kernels import any shader; a choice that has a form in WGSL imports its own. */
const mayImportShader = (path: string, shader: string) =>
  roomOf(path) === "kernels" ||
  Object.entries(shadersOfChoices).some(
    ([folder, shaders]) => path.startsWith(folder) && shader === `${shaders}${basename(path, ".ts")}.wgsl`,
  );

/** Every broken rule of one file, as a line for people. */
function violations(file: SourceFile): string[] {
  const found: string[] = [];
  const room = roomOf(file.path);
  const onNode = isNodeFile(file.path) || room === "cli";
  if (room && !rooms[room] && !faces.includes(room)) found.push(`${file.path}: no such room: ${room}`);
  for (const name of file.nodeGlobals) {
    if (!onNode) found.push(`${file.path} uses ${name}: Node belongs in node.ts files and src/cli`);
  }
  for (const { target, typesOnly } of file.imports) {
    const arrow = `${file.path} -> ${target}`;
    if (!target.startsWith(".")) {
      const platform = target.startsWith("node:") || builtinModules.includes(target);
      if (platform && !onNode) found.push(`${arrow}: Node belongs in node.ts files and src/cli`);
      continue;
    }
    const imported = posix.join(posix.dirname(file.path), target);
    const to = roomOf(imported);
    if (isNodeFile(imported) && !onNode) found.push(`${arrow}: a node.ts is imported by cli and node.ts files only`);
    if (isChromeFile(imported) && !isChromeFile(file.path) && room !== "web") {
      found.push(`${arrow}: a chrome.ts is imported by web and chrome.ts files only`);
    }
    if (to === room) {
      const [from, into] = [folderInEngine(file.path), folderInEngine(imported)];
      if (into && into !== from && !(from && engineFolders[from]?.includes(into))) {
        found.push(`${arrow}: engine/${from ?? ""} may not import engine/${into}`);
      }
      continue;
    }
    if (to && faces.includes(to)) found.push(`${arrow}: nothing imports ${to}`);
    else if (room && rooms[room]) {
      const { imports, types = [] } = rooms[room];
      const toShader = imported.startsWith("shaders/");
      const allowed = toShader
        ? mayImportShader(file.path, imported)
        : to !== null && (to === "base" || imports.includes(to) || (typesOnly && types.includes(to)));
      if (!allowed) {
        const asTypes = to !== null && types.includes(to) ? " (types may)" : "";
        found.push(`${arrow}: ${room} may not import ${toShader ? "shaders" : (to ?? "the top of src")}${asTypes}`);
      }
    }
  }
  return found;
}

/**
 * The circles among files: groups in which each file imports every other one, straight or through others.
 * @param withTypes count imports of types too, which are gone when a program runs
 */
function circles(files: readonly SourceFile[], withTypes: boolean): string[][] {
  const imports = new Map(
    files.map(({ path, imports }) => [
      path,
      imports
        .filter(({ target, typesOnly }) => target.startsWith(".") && (withTypes || !typesOnly))
        .map(({ target }) => posix.join(posix.dirname(path), target)),
    ]),
  );
  const reached = new Map([...imports.keys()].map((path) => [path, reachedFrom(path, imports)]));
  const groups = [...imports.keys()].map((path) =>
    [...(reached.get(path) ?? [])].filter((other) => reached.get(other)?.has(path)).sort(),
  );
  return [...new Map(groups.filter((group) => group.length > 0).map((group) => [group.join(), group])).values()];
}

/** The files that a file imports, straight or through others. */
function reachedFrom(start: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const ahead = [...(imports.get(start) ?? [])];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (reached.has(next) || !imports.has(next)) continue;
    reached.add(next);
    ahead.push(...(imports.get(next) ?? []));
  }
  return reached;
}

/** The shaders that lack a binding, a twin or a test of the same stem. */
function missingCompanions(paths: readonly string[]): string[] {
  return paths
    .filter((path) => /^shaders\/[^/]+\.wgsl$/.test(path))
    .flatMap((path) => {
      const stem = basename(path, ".wgsl");
      return [`src/kernels/${stem}.ts`, `src/twin/${stem}.ts`, `test/kernels/${stem}.test.ts`]
        .filter((companion) => !paths.includes(companion))
        .map((companion) => `${path} has no ${companion}`);
    });
}

const root = fileURLToPath(new URL("..", import.meta.url));
const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll("\\", "/"));

describe("the tree", () => {
  // The kernels of the CPU engine are AssemblyScript: no module of ours, and no TypeScript to a parser of it.
  const sources = filesBelow("src").filter((path) => /(?<!\.d)\.ts$/.test(path) && !path.includes("/cpu/assembly/"));

  const parsed = sources.map((path) => parseSource(path, readFileSync(join(root, path), "utf8")));

  it("holds no import that the table of rooms does not allow", () => {
    expect(parsed.flatMap(violations)).toEqual([]);
    const internal = parsed.flatMap((file) => file.imports).filter(({ target }) => target.startsWith("."));
    expect(internal.length).toBeGreaterThan(20);
  });

  it("holds no files that import each other in a circle, of any length", () => {
    expect(circles(parsed, true)).toEqual([]);
  });

  it("has a binding, a twin and a test for every shader", () => {
    expect(missingCompanions([...sources, ...filesBelow("shaders"), ...filesBelow("test")])).toEqual([]);
  });
});

describe("the rules", () => {
  const broken = (path: string, text: string) => violations(parseSource(path, text));

  it("let the arrows of the table pass", () => {
    expect(broken("src/kernels/adam.ts", 'import source from "../../shaders/adam.wgsl";')).toEqual([]);
    expect(broken("src/network/activations/a.ts", 'import wgsl from "../../../shaders/activations/a.wgsl";')).toEqual(
      [],
    );
    expect(broken("src/engine/cpu.ts", 'import { adam } from "../twin/adam.ts"; import "../base/shape.ts";')).toEqual(
      [],
    );
    expect(broken("src/pruning/criteria/a.ts", 'import a from "../../../shaders/criteria/a.wgsl";')).toEqual([]);
    expect(
      broken("src/engine/adapter/a.ts", 'import "../tiled/b.ts"; import "../engine.ts"; import "./c.ts";'),
    ).toEqual([]);
    expect(broken("src/report/html.ts", 'import type { Run } from "../lottery/run.ts";')).toEqual([]);
    expect(broken("src/report/html.ts", 'import { type Run } from "../lottery/run.ts";')).toEqual([]);
    expect(broken("src/twin/adam.ts", 'import type { AdamArguments } from "../kernels/adam.ts";')).toEqual([]);
    expect(
      broken("src/cli/main.ts", 'import "../report/html.ts"; import "../device/node.ts"; process.exit(1);'),
    ).toEqual([]);
    expect(broken("src/store/node.ts", 'import { join } from "node:path"; Buffer.from("");')).toEqual([]);
    expect(broken("src/other.ts", 'export { train } from "./engine/engine.ts";')).toEqual([]);
    expect(broken("src/web/page.ts", 'import { open } from "../device/chrome.ts"; import "../cli_free.ts";')).toEqual(
      [],
    );
    expect(broken("src/engine/cpu.ts", "const process = 1; export const a = { process };")).toEqual([]);
  });

  it.each([
    ["src/analysis/a.ts", 'import { b } from "../engine/b.ts";', "analysis may not import engine"],
    ["src/analysis/a.ts", 'import type { B } from "../engine/b.ts";', "analysis may not import engine"],
    ["src/analysis/a.ts", 'export * from "../engine/b.ts";', "analysis may not import engine"],
    ["src/analysis/a.ts", 'export { b } from "../engine/b.ts";', "analysis may not import engine"],
    ["src/analysis/a.ts", 'export const b = import("../engine/b.ts");', "analysis may not import engine"],
    ["src/analysis/a.ts", 'export type B = import("../engine/b.ts").B;', "analysis may not import engine"],
    ["src/base/a.ts", 'import "../mask/mask.ts";', "base may not import mask"],
    ["src/report/a.ts", 'import { run } from "../lottery/run.ts";', "report may not import lottery (types may)"],
    [
      "src/report/a.ts",
      'import { run, type Run } from "../lottery/run.ts";',
      "report may not import lottery (types may)",
    ],
    ["src/twin/a.ts", 'import { a } from "../kernels/a.ts";', "twin may not import kernels (types may)"],
    ["src/twin/a.ts", 'import a from "../../shaders/a.wgsl";', "twin may not import shaders"],
    ["src/network/a.ts", 'import a from "../../shaders/activations/a.wgsl";', "network may not import shaders"],
    [
      "src/network/activations/a.ts",
      'import b from "../../../shaders/activations/b.wgsl";',
      "network may not import shaders",
    ],
    ["src/lottery/a.ts", 'import "../index.ts";', "lottery may not import the top of src"],
    ["src/lottery/a.ts", 'import "../cli/main.ts";', "nothing imports cli"],
    ["src/other.ts", 'export { page } from "./web/page.ts";', "nothing imports web"],
    ["src/cli/a.ts", 'import "../web/page.ts";', "nothing imports web"],
    ["src/store/a.ts", 'import { join } from "node:path";', "Node belongs in node.ts files and src/cli"],
    ["src/store/a.ts", 'import { join } from "path";', "Node belongs in node.ts files and src/cli"],
    ["src/store/a.ts", "export const a = process.env.A;", "uses process"],
    ["src/store/a.ts", "export const a = globalThis.process;", "uses process"],
    ["src/store/a.ts", 'export const a = Buffer.from("");', "uses Buffer"],
    ["src/device/open.ts", 'import "./node.ts";', "a node.ts is imported by cli and node.ts files only"],
    ["src/web/page.ts", 'import "../device/node.ts";', "a node.ts is imported by cli and node.ts files only"],
    ["src/cli/main.ts", 'import "../device/chrome.ts";', "a chrome.ts is imported by web and chrome.ts files only"],
    ["src/graph/a.ts", "export {};", "no such room: graph"],
    ["src/pruning/a.ts", 'import a from "../../shaders/a.wgsl";', "pruning may not import shaders"],
    ["src/engine/cpu/a.ts", 'import "../tiled/b.ts";', "engine/cpu may not import engine/tiled"],
    ["src/engine/shared/a.ts", 'import "../adapter/b.ts";', "engine/shared may not import engine/adapter"],
    ["src/engine/engine.ts", 'import "./shared/b.ts";', "engine/ may not import engine/shared"],
  ])("refuse in %s: %s", (path, text, message) => {
    const found = broken(path, text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it("find circles of files, whatever their length, with types or without", () => {
    const files = (imports: Record<string, string>, withTypes = false) =>
      circles(
        Object.entries(imports).map(([path, text]) => parseSource(`src/${path}`, text)),
        withTypes,
      );
    const line = { "a/a.ts": 'import "./b.ts";', "a/b.ts": 'export * from "../b/c.ts";', "b/c.ts": "export {};" };
    expect(files(line)).toEqual([]);
    expect(files({ ...line, "b/c.ts": 'const a = await import("../a/a.ts");' })).toEqual([
      ["src/a/a.ts", "src/a/b.ts", "src/b/c.ts"],
    ]);
    expect(files({ ...line, "a/b.ts": 'import { a, type A } from "./a.ts";' })).toEqual([["src/a/a.ts", "src/a/b.ts"]]);
    expect(files({ ...line, "b/c.ts": 'import { c } from "./c.ts";' })).toEqual([["src/b/c.ts"]]);
    for (const types of ['import type { A } from "../a/a.ts";', 'import { type A } from "../a/a.ts";']) {
      expect(files({ ...line, "b/c.ts": types })).toEqual([]);
      expect(files({ ...line, "b/c.ts": types }, true)).toEqual([["src/a/a.ts", "src/a/b.ts", "src/b/c.ts"]]);
    }
  });

  it("name what a shader lacks", () => {
    const whole = ["shaders/adam.wgsl", "src/kernels/adam.ts", "src/twin/adam.ts", "test/kernels/adam.test.ts"];
    expect(missingCompanions([...whole, "shaders/shared/order.wgsl"])).toEqual([]);
    for (const lost of whole.slice(1)) {
      expect(missingCompanions(whole.filter((path) => path !== lost))).toEqual([`shaders/adam.wgsl has no ${lost}`]);
    }
  });
});
