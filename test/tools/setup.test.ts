import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/device/environment/node.ts";

type Say = (line: string) => void;
const tool = (name: string) => import(join(packageRoot(), "tools", name));
const {
  install,
  installedMatchesLock,
}: { install(root: string, say: Say): void; installedMatchesLock(root: string): boolean } = await tool("install.mjs");
const {
  provideSwiftShader,
}: { provideSwiftShader(root: string, say: Say, platform?: string): Promise<string | null> } =
  await tool("swiftshader.mjs");
const { provideChromium }: { provideChromium(root: string, say: Say, platform?: string): Promise<string | null> } =
  await tool("chromium.mjs");
const { build }: { build(root: string, say: Say): Promise<void> } = await tool("build.mjs");
const { linkCommand }: { linkCommand(root: string): void } = await tool("command_link.mjs");

let root: string;
let said: string[];
const say: Say = (line) => said.push(line);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "split-ticket-setup-"));
  said = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Packages {
  [path: string]: { version?: string; integrity?: string; optional?: boolean; optionalDependencies?: object };
}
function writeLock(packages: Packages, installed: Packages | null): void {
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages }));
  if (!installed) return;
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages: installed }));
}

describe("install", () => {
  const locked: Packages = {
    "": { optionalDependencies: { ours: "1" } },
    "node_modules/a": { version: "1.0.0", integrity: "x" },
    "node_modules/ours": { version: "1.0.0", optional: true },
    "node_modules/other-platform": { version: "1.0.0", optional: true },
  };
  const installed: Packages = {
    "node_modules/a": { version: "1.0.0", integrity: "x" },
    "node_modules/ours": { version: "1.0.0", optional: true },
  };

  it("takes an installation made by hand as it is and runs nothing", () => {
    writeLock(locked, installed);
    install(root, say);
    install(root, say);
    expect(said).toEqual([]);
    expect(readFileSync(join(root, "node_modules", ".split-ticket-setup"), "utf8")).toContain(process.version);
  });

  it.each<[string, Packages | null]>([
    ["nothing is installed", null],
    ["a package is missing", { "node_modules/ours": installed["node_modules/ours"] }],
    ["one of our optional packages is missing", { "node_modules/a": installed["node_modules/a"] }],
    ["a version differs", { ...installed, "node_modules/a": { version: "1.0.1", integrity: "x" } }],
    ["a content differs", { ...installed, "node_modules/a": { version: "1.0.0", integrity: "y" } }],
  ])("sees that %s", (_, found) => {
    writeLock(locked, found);
    expect(installedMatchesLock(root)).toBe(false);
  });

  it("runs npm ci when the lock file changed, and says what failed", () => {
    writeLock(locked, installed);
    install(root, say);
    writeFileSync(join(root, "package-lock.json"), "{}");
    // Without a package.json npm fails at once; a child process keeps its output out of the test's output.
    const script = `import { install } from ${JSON.stringify(join(packageRoot(), "tools", "install.mjs"))};
      install(${JSON.stringify(root)}, console.log);`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
    });
    expect(stdout).toContain("installing packages (npm ci): they changed\n");
    expect(stderr).toMatch(/npm ci failed with code \d+; its own message is above\./);
    expect(status).toBe(1);
  });
});

describe("provideSwiftShader", () => {
  it("unpacks driver and loader apart, whole, once, and leaves no temporary folder", async () => {
    symlinkSync(join(packageRoot(), "node_modules"), join(root, "node_modules"));
    writeFileSync(join(root, "package.json"), "{}");
    const folder = join(root, ".cache", "swiftshader");
    expect(await provideSwiftShader(root, say, "linux-x64")).toBe(folder);
    expect(await provideSwiftShader(root, say, "linux-x64")).toBe(folder);
    expect(said).toEqual(["unpacking SwiftShader, the software adapter, into .cache/swiftshader"]);
    expect(readdirSync(join(root, ".cache"))).toEqual(["swiftshader"]);
    expect(readdirSync(folder).sort()).toEqual(["libvk_swiftshader.so", "loader", "vk_swiftshader_icd.json"]);
    expect(readdirSync(join(folder, "loader"))).toEqual(["libvulkan.so.1"]);
  });

  it("leaves nothing behind when the archive is broken", async () => {
    const archive = join(root, "node_modules", "@sparticuz", "chromium", "bin");
    mkdirSync(archive, { recursive: true });
    writeFileSync(join(archive, "swiftshader.tar.br"), "not brotli");
    symlinkSync(join(packageRoot(), "node_modules", "tar"), join(root, "node_modules", "tar"));
    await expect(provideSwiftShader(root, say, "linux-x64")).rejects.toThrow();
    expect(readdirSync(join(root, ".cache"))).toEqual([]);
  });

  it("skips, with a line, where there is no driver", async () => {
    expect(await provideSwiftShader(root, say, "darwin-arm64")).toBeNull();
    expect(await provideSwiftShader(root, say, "linux-x64")).toBeNull();
    expect(said).toEqual([
      "no software adapter for darwin-arm64: SwiftShader comes for linux-x64 only; a GPU is used, or --device cpu",
      "no software adapter: the package @sparticuz/chromium is not installed (npm ci)",
    ]);
  });
});

describe("provideChromium", () => {
  it("leaves a browser that is there alone", async () => {
    const folder = join(root, ".cache", "chromium");
    mkdirSync(folder, { recursive: true });
    expect(await provideChromium(root, say, "linux-x64")).toBe(folder);
    expect(said).toEqual([]);
  });

  it("leaves nothing behind when the archive is broken", async () => {
    const archive = join(root, "node_modules", "@sparticuz", "chromium", "bin");
    mkdirSync(archive, { recursive: true });
    writeFileSync(join(archive, "chromium.br"), "not brotli");
    symlinkSync(join(packageRoot(), "node_modules", "tar"), join(root, "node_modules", "tar"));
    await expect(provideChromium(root, say, "linux-x64")).rejects.toThrow();
    expect(readdirSync(join(root, ".cache"))).toEqual([]);
  });

  it("skips, with a line, where there is none", async () => {
    expect(await provideChromium(root, say, "darwin-arm64")).toBeNull();
    expect(await provideChromium(root, say, "linux-x64")).toBeNull();
    expect(said).toEqual([
      "no browser for darwin-arm64: the one from npm is for linux-x64 only; set SPLIT_TICKET_CHROMIUM to a Chrome",
      "no browser: the package @sparticuz/chromium is not installed (npm ci)",
    ]);
  });
});

describe("build", () => {
  beforeEach(() => {
    symlinkSync(join(packageRoot(), "node_modules"), join(root, "node_modules"));
    for (const name of [
      "package.json",
      "tsconfig.json",
      "tsconfig.build.json",
      "src/base",
      "src/device/environment",
      "src/device/probe",
      "src/device/adapter_kind.ts",
    ]) {
      cpSync(join(packageRoot(), name), join(root, name), { recursive: true });
    }
    const folders = ["src/cli", "src/web/page", "src/web/worker", "src/web/benchmark", "src/engine/cpu/thread"];
    for (const folder of [...folders, "bench", "shaders"]) mkdirSync(join(root, folder), { recursive: true });
    for (const script of ["page/main.ts", "worker/main.ts", "worker/report_script.ts", "benchmark/main.ts"]) {
      writeFileSync(join(root, "src/web", script), "console.log(2);");
    }
    writeFileSync(join(root, "src/engine/cpu/thread/chrome.ts"), "console.log(3);");
    mkdirSync(join(root, "src/nulls/thread"), { recursive: true });
    writeFileSync(join(root, "src/nulls/thread/chrome.ts"), "console.log(4);");
    writeFileSync(join(root, "src/web/style.css"), "p { margin: 0 }");
    writeFileSync(join(root, "src/web/index.html"), "<p>page</p>");
    writeFileSync(join(root, "shaders", "a.wgsl"), "// a shader");
    const main = '#!/usr/bin/env node\nimport a from "../../shaders/a.wgsl"; console.log(a);';
    writeFileSync(join(root, "src/cli/main.ts"), main);
    writeFileSync(join(root, "src/node.ts"), 'export { type Shape, weightCount } from "./base/shape.ts";');
    writeFileSync(join(root, "bench/main.ts"), "console.log(1);");
    for (const folder of ["tools/soak", "tools/device_losses"]) mkdirSync(join(root, folder), { recursive: true });
    for (const script of ["tools/soak/main.ts", "tools/device_losses/main.ts", "src/cli/command_line.ts"])
      writeFileSync(join(root, script), "export {};");
  });

  it("bundles and declares, then rests until an input changes", async () => {
    await build(root, say);
    await build(root, say);
    expect(said).toEqual(["building dist", expect.stringMatching(/^page: \d+ kB in its first load, gzipped$/)]);
    expect(readdirSync(join(root, "dist", "page")).sort()).toEqual([
      "benchmark.js",
      "cpu_thread.js",
      "data",
      "index.html",
      "licences.txt",
      "null_thread.js",
      "page.js",
      "reports.js",
      "style.css",
      "worker.js",
    ]);
    expect(readFileSync(join(root, "dist", "page", "page.js"), "utf8")).toMatch(/licences\.txt \*\/\n$/);
    const command = readFileSync(join(root, "dist", "cli.mjs"), "utf8");
    expect(command).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(command).toContain("// a shader");
    const { weightCount } = await import(join(root, "dist", "index.mjs"));
    expect(weightCount([4, 8, 8, 2])).toBe(112);
    // What the entry names; not the errors that shape.ts throws, whose type no declaration names.
    const declared = readdirSync(join(root, "dist/types"), { recursive: true }).filter((path) =>
      /\.d\.ts$/.test(`${path}`),
    );
    expect(declared.sort()).toEqual([join("base", "shape.d.ts"), "node.d.ts"]);

    writeFileSync(join(root, "shaders", "a.wgsl"), "// another shader");
    await build(root, say);
    expect(said).toHaveLength(4);
    expect(readFileSync(join(root, "dist", "cli.mjs"), "utf8")).toContain("// another shader");
  });

  it("fails on a type error in the library, and again the next time", async () => {
    writeFileSync(join(root, "src/node.ts"), 'export const width: number = "8";');
    await expect(build(root, say)).rejects.toThrow(/^tsc could not write the type declarations:\n.*TS2322/);
    await expect(build(root, say)).rejects.toThrow("TS2322");
  });
});

describe("npm's prepare", () => {
  const { prepare } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")).scripts;
  const run = () => spawnSync(prepare, { cwd: root, shell: true, encoding: "utf8" });

  it("does nothing where only package.json and the lock file have been copied", () => {
    expect(run()).toMatchObject({ status: 0, stdout: "", stderr: "" });
  });

  it("builds nothing, with a line, without the development packages", () => {
    cpSync(join(packageRoot(), "tools"), join(root, "tools"), {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    const stderr = "prepare: dist is not built: the development packages are not installed (npm ci)\n";
    expect(run()).toMatchObject({ status: 0, stdout: "", stderr });
    expect(existsSync(join(root, "dist"))).toBe(false);
  });
});

describe("npm's prepack", () => {
  it("packs nothing, with the reason, where dist cannot be built", () => {
    cpSync(join(packageRoot(), "tools"), join(root, "tools"), {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    // A lock file that lacks a package stops npm before it asks for anything.
    writeFileSync(join(root, "package.json"), '{"dependencies": {"a": "1.0.0"}}');
    writeFileSync(join(root, "package-lock.json"), '{"lockfileVersion": 3, "packages": {"": {}}}');
    const { prepack } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")).scripts;
    const { status, stdout, stderr } = spawnSync(prepack, { cwd: root, shell: true, encoding: "utf8" });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^prepack: installing packages \(npm ci\): node_modules is missing or incomplete\n/);
    expect(stderr).toMatch(/\nprepack failed: npm ci failed with code 1; its own message is above\./);
  });
});

describe("linkCommand", () => {
  it.skipIf(process.platform === "win32")("makes the clone's command one of node_modules, twice without harm", () => {
    mkdirSync(join(root, "node_modules", ".bin"), { recursive: true });
    mkdirSync(join(root, "dist"));
    linkCommand(root);
    linkCommand(root);
    writeFileSync(join(root, "dist", "cli.mjs"), "// the command");
    expect(readFileSync(join(root, "node_modules", ".bin", "split-ticket"), "utf8")).toBe("// the command");
  });
});
