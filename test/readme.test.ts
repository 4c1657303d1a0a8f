import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram } from "../src/cli/command_line.ts";
import { Shell } from "../src/cli/shell.ts";
import { readSpecKeys } from "../src/cli/training.ts";
import { packageRoot } from "../src/device/environment/node.ts";
import { resolveExperiments } from "../src/lottery/experiment.ts";
import { preset, presets } from "../src/lottery/presets.ts";
import { specKeys } from "../src/lottery/spec_schema.ts";
import { nodeFiles } from "../src/store/node.ts";
import { pages, readText } from "./repository.ts";

const readme = readText("README.md");
const scripts = Object.keys(JSON.parse(readText("package.json")).scripts);
const program = buildProgram(
  new Shell({ stdout: process.stdout, stderr: process.stderr, env: {}, enter: async () => undefined }),
);
const commands = new Map(program.commands.map((command) => [command.name(), command]));

/** The options of a command by their long names, each with the choices that it has. */
function optionsOf(name: string): Map<string, readonly string[] | undefined> {
  const options = commands.get(name)?.options ?? [];
  return new Map([["--help", undefined], ...options.map((one) => [one.long ?? "", one.argChoices] as const)]);
}

/** What stands in backticks or in code blocks, a line each. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  const rest = text.replaceAll(/^```[\s\S]*?^```$/gm, "");
  return [
    ...blocks.flatMap((block) => block.split("\n")),
    ...[...rest.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span),
  ];
}

/** Command lines of a page: what follows `split-ticket`, comments left out. */
function commandLines(text: string): string[] {
  return codeOf(text).flatMap((line) => {
    const found = /(?:^|\s)split-ticket ([a-z].*)$/.exec(line.replace(/\s#.*$/, ""));
    return found ? [found[1]] : [];
  });
}

/** The folders below `runs` of the runs of presets that some lines of a page start. */
async function startedFolders(lines: readonly string[]): Promise<Set<string>> {
  const folders = new Set<string>();
  for (const line of lines) {
    const [, name, rest] = /^(?:.*split-ticket )?run ([\w-]+)(.*)$/.exec(line) ?? [];
    if (name === undefined || !presets.has(name)) continue;
    const set = rest.split(/\s+/).filter((word) => /^\w+=/.test(word));
    const where = { name, where: name, grids: preset(name) };
    for (const { hash } of await resolveExperiments([where], readSpecKeys({ set }), nodeFiles)) {
      folders.add(`${name}-${hash}`);
    }
  }
  return folders;
}

describe.each(pages)("%s", (page) => {
  const text = readText(page);

  it("names only folders of runs that commands of the page start, those of a block by the block", async () => {
    const blocks = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, block]) => block.split("\n"));
    const named = (lines: readonly string[]) =>
      lines.flatMap((line) => [...line.matchAll(/\bruns\/([\w-]+-[0-9a-f]{12})\b/g)].map(([, folder]) => folder));
    const all = await startedFolders([...codeOf(text), "run moons-circles"]);
    expect(named(codeOf(text)).filter((folder) => !all.has(folder))).toEqual([]);
    for (const block of blocks) {
      const started = await startedFolders(block);
      if (started.size > 0) expect(named(block).filter((folder) => !started.has(folder))).toEqual([]);
    }
  });

  it("names no npm script that package.json does not have", () => {
    const named = codeOf(text).flatMap((line) =>
      [...line.matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map(([, run, test]) => run ?? test),
    );
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it("shows no command, option, choice or spec key that there is not", () => {
    const wrong = commandLines(text).flatMap((line) => {
      const [name, ...words] = line.split(/[\s[\]]+/);
      if (!commands.has(name)) return [`split-ticket ${name}`];
      const options = optionsOf(name);
      return words.flatMap((word, i) => {
        const key = /^([a-zA-Z]+)=/.exec(word)?.[1];
        if (key !== undefined && key !== "key" && !specKeys.includes(key)) return [`${name}: ${key}=`];
        if (!word.startsWith("--")) return [];
        if (!options.has(word)) return [`${name} ${word}`];
        const choices = options.get(word);
        const given = (words[i + 1] ?? "").split("|");
        return choices && !given.every((choice) => choices.includes(choice)) ? [`${name} ${word} ${words[i + 1]}`] : [];
      });
    });
    expect(wrong).toEqual([]);
  });
});

describe("the command line in README.md", () => {
  const synopsis = /^## The command line$[\s\S]*?^```$\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? "";
  /** One entry a command; a line that is indented goes on with the one before. */
  const told = new Map(
    synopsis
      .replaceAll(/\n +/g, " ")
      .trim()
      .split("\n")
      .map((line) => [line.split(" ")[1], line]),
  );

  it("tells every command", () => {
    expect([...told.keys()].sort()).toEqual([...commands.keys()].sort());
  });

  it.each([...commands.keys()])("tells every option of %s, with all its choices in their order", (name) => {
    const line = told.get(name) ?? "";
    const short = (commands.get(name)?.options ?? []).map(({ short: letter, long }) => letter ?? long);
    const shown = [...line.matchAll(/(?<=[\s[])(--?[a-z][a-z-]*)(?: ([^\]\s]+))?/g)];
    expect(shown.map(([, option]) => option).sort()).toEqual(short.sort());
    for (const [, option, value] of shown) {
      const choices = optionsOf(name).get(option);
      if (choices) expect(value, `${name} ${option}`).toBe(choices.join("|"));
    }
  });

  it("names options elsewhere only if some command has them", () => {
    const known = [...commands.keys()].flatMap((name) => [...optionsOf(name).keys()]);
    const named = codeOf(readme).flatMap((line) =>
      [...line.matchAll(/(?<=^|[\s[])--[a-z][a-z-]*/g)].map(([word]) => word),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((option) => !known.includes(option))).toEqual([]);
  });
});

describe("the library's example in README.md", () => {
  const example = /^## As a library$[\s\S]*?^```ts$\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? "";
  let folder = "";
  beforeAll(() => {
    const cache = join(packageRoot(), ".cache");
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "test-readme-"));
    const entry = join(packageRoot(), "src", "node.ts");
    writeFileSync(join(folder, "example.ts"), example);
    const compilerOptions = { paths: { "split-ticket": [entry] } };
    const declarations = join(packageRoot(), "src", "**", "*.d.ts");
    const include = ["example.ts", declarations];
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, include }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has the types that it is written with", () => {
    const tsc = join(packageRoot(), "node_modules", "typescript", "bin", "tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  it("runs, and prints what its comment says", async () => {
    const library = join(packageRoot(), "src", "node.ts");
    writeFileSync(join(folder, "example.ts"), example.replace('"split-ticket"', JSON.stringify(library)));
    const lines: unknown[][] = [];
    const log = console.log;
    console.log = (...words) => lines.push(words);
    try {
      await import(join(folder, "example.ts"));
    } finally {
      console.log = log;
    }
    expect(lines).toHaveLength(3);
    for (const [k, extension] of [5, 7].entries()) {
      expect(lines[k][0]).toEqual({ extension });
      expect(lines[k][1]).toEqual([expect.stringMatching(/^0: [a-z-]+$/), expect.stringMatching(/^1: [a-z-]+$/)]);
    }
    expect(lines[2]).toEqual([/\/\/ ([a-z]+)$/m.exec(example)?.[1]]);
  });
});
