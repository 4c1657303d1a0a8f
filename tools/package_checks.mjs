import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** All that a tarball may hold. */
const allowed =
  /^(LICENSE|README\.md|THIRD-PARTY\.md|package\.json|dist\/(cli|index)\.mjs|dist\/(chunks|page|types)\/.*)$/;

/** The example of the library's section in README.md. */
const exampleOf = (readme) => /^## As a library$[\s\S]*?^```ts$\n([\s\S]*?)^```$/m.exec(readme)[1];

/** What a strict program does with the library beside the example: every exported type is read, none is skipped. */
const strictProgram = `
import * as library from "split-ticket";
import type { Analysis, LevelRecord, RunOptions, RunResult, Spec, SpecInput } from "split-ticket";

// With exactOptionalPropertyTypes an option may still be given as undefined.
const options: RunOptions = { device: undefined, init: undefined, out: null, signal: new AbortController().signal };
const input: SpecInput = { dataset: "moons-circles", shape: [4, 8, 2], rate: 0.5, levels: 1 };
export const spec: Spec = library.resolveSpec(input, "a program").spec;
export const result: Promise<RunResult> = library.run(input, options);
export const losses = (levels: readonly LevelRecord[]): number[] => levels.map(({ valLoss }) => valLoss);
export const states = (analyses: readonly Analysis[]): library.LevelState[] => analyses.map(({ state }) => state);
export const parts: Promise<library.Shares> = library.shares(["runs"]);
export const effects = (table: library.ChanceShares): number[] => table.outcomes.flatMap((one) => one.effects.map(({ share }) => share));
export const variables = (await library.adapterEnvironment("auto")).env;
// @ts-expect-error: a dataset's types are known, so that a wrong one is an error of the compiler.
export const wrong: SpecInput = { dataset: 5 };
`;

/** A CommonJS program in TypeScript. */
const commonProgram = `
import library = require("split-ticket");
export = library.weightCount([4, 8, 2]);
`;

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  isolatedModules: true,
  verbatimModuleSyntax: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
  noEmit: true,
  target: "es2023",
};

/** Settings of users' programs: how modules are found, and which types are there beside the language's own. */
const programs = {
  "nodenext, Node's types alone": {
    options: { module: "nodenext", lib: ["es2023"], types: ["node"] },
    files: ["example.ts", "strict.ts", "common.cts"],
  },
  // By default a browser's types, which in version 7 hold WebGPU's; in version 5 all @types packages as well.
  "bundler, types by default": {
    options: { module: "esnext", moduleResolution: "bundler" },
    files: ["example.ts", "strict.ts"],
  },
  "bundler, a browser's types alone": {
    options: { module: "esnext", moduleResolution: "bundler", types: [] },
    files: ["example.ts", "strict.ts"],
    // In version 5 the first of these programs lacks WebGPU's types as well, and this takes 5 s.
    only: 7,
  },
};

/**
 * Checks of an installed package, each a name and an asynchronous function that throws.
 * @param user the folder, what was packed, and how programs are run there
 */
export function installedChecks(user, readme) {
  const { root, folder, env, command, succeed, packed } = user;
  const write = (name, text) => writeFileSync(join(folder, name), text);
  const node = (...args) => succeed(process.execPath, args);
  const json = async (...args) => {
    const { status, stdout, stderr } = await command(...args, "--json");
    assert.equal(status, 0, stderr);
    return { ...JSON.parse(stdout), stderr };
  };
  write("example.ts", exampleOf(readme));
  write("strict.ts", strictProgram);
  write("common.cts", commonProgram);

  const types = (version, tsc) =>
    Object.entries(programs)
      .filter(([, { only = version }]) => only === version)
      .map(([name, { options, files }], i) => [
        `tsc ${version}, ${name}`,
        async () => {
          const project = `tsconfig.${version}.${i}.json`;
          write(project, JSON.stringify({ compilerOptions: { ...strict, ...options }, files }));
          await node(join(tsc, "bin", "tsc"), "-p", project);
          const { version: full } = JSON.parse(readFileSync(join(tsc, "package.json"), "utf8"));
          assert.equal(Number.parseInt(full, 10), version);
        },
      ]);

  return [
    // The slowest first: the compiler written in JavaScript.
    ...types(5, join(folder, "node_modules", "typescript")),
    ...types(7, join(root, "node_modules", "typescript")),
    [
      "the tarball holds what a user needs, and nothing else",
      async () => {
        const paths = packed.files.map(({ path }) => path);
        assert.deepEqual(
          paths.filter((path) => !allowed.test(path)),
          [],
        );
        for (const needed of [
          "index.html",
          "style.css",
          "page.js",
          "worker.js",
          "benchmark.js",
          "reports.js",
          "cpu_thread.js",
          "null_thread.js",
          "licences.txt",
        ]) {
          assert.ok(paths.includes(`dist/page/${needed}`), `dist/page/${needed} is not in the tarball`);
        }
        for (const absent of ["@sparticuz", "esbuild", "playwright-core"]) {
          assert.ok(!existsSync(join(folder, "node_modules", absent)), `${absent} is installed`);
        }
        // Paths of the machine that built it, which would also make the bytes differ from one machine to the next.
        const own = [root, homedir(), tmpdir()].filter((path) => path.length > 1);
        for (const path of paths) {
          const text = readFileSync(join(folder, "node_modules", "split-ticket", path), "latin1");
          assert.deepEqual(
            own.filter((each) => text.includes(`${each}/`)),
            [],
            `${path} holds a path of this machine`,
          );
        }
        const megabytes = packed.size / 1e6;
        assert.ok(megabytes < 1.4, `the tarball has ${megabytes.toFixed(2)} MB; README.md says 1.2`);
      },
    ],
    [
      "installed packages are those that THIRD-PARTY.md lists for users",
      async () => {
        const list = readFileSync(join(folder, "node_modules", "split-ticket", "THIRD-PARTY.md"), "utf8");
        const ofUsers = list.slice(0, list.indexOf("## What a clone installs"));
        const installed = JSON.parse(readFileSync(join(folder, "node_modules", ".package-lock.json"), "utf8")).packages;
        const names = Object.keys(installed).map((path) => path.slice(path.lastIndexOf("node_modules/") + 13));
        // Ours, what the checks add, and what that needs.
        const others = ["split-ticket", "typescript", "@types/node", "undici-types"];
        assert.deepEqual(
          names.filter((name) => !others.includes(name) && !ofUsers.includes(`| ${name} |`)),
          [],
        );
        for (const name of ["d3-array", "zod", "fflate", "assemblyscript"]) {
          const licences = readFileSync(join(folder, "node_modules/split-ticket/dist/page/licences.txt"), "utf8");
          assert.match(licences, new RegExp(`^${name} [\\d.]+ \\(`, "m"));
        }
      },
    ],
    [
      "advice is of what an install has",
      async () => {
        const nowhere = { VK_DRIVER_FILES: "/nowhere/icd.json", XDG_DATA_DIRS: "/nowhere", XDG_DATA_HOME: "/nowhere" };
        const cli = join(folder, "node_modules", "split-ticket", "dist", "cli.mjs");
        const options = { env: { ...env, ...nowhere } };
        const args = ["run", "moons-circles", "--device", "software", "--dry-run"];
        const { status, stderr } = await user.run(process.execPath, [cli, ...args], options);
        // A machine may have a software adapter that no variable hides.
        if (status !== 0) {
          assert.equal(status, 2, stderr);
          assert.match(
            stderr,
            /--device software: no software adapter.*install Mesa's Vulkan drivers, or use --device cpu/,
          );
          assert.doesNotMatch(stderr, /npm run/);
          args[3] = "cpu";
          await succeed(process.execPath, [cli, ...args], options);
        }
      },
    ],
    [
      "npx split-ticket --version",
      async () => {
        const bin = join(folder, "node_modules", ".bin", "split-ticket");
        const version = await succeed(bin, ["--version"], { shell: process.platform === "win32" });
        assert.equal(version.trim(), packed.version);
      },
    ],
    [
      "split-ticket run, report, table and export",
      async () => {
        const { experiments, stderr } = await json(
          "run",
          "moons-circles",
          "--set",
          "extension=1",
          "maxEpochs=5",
          "keepTrained=true",
        );
        assert.match(stderr, /^adapter: .+\nengine: .+/m);
        assert.equal(experiments[0].runs.length, 1);
        assert.equal(experiments[0].runs[0].levels.length, 2);
        const { folder: stored } = experiments[0];
        // Each draws or writes by packages that are loaded for it alone.
        for (const args of [
          ["report", stored],
          ["table", stored, "-o", "levels.parquet"],
          ["export", `${stored}/seed-0`, "-o", "network.onnx"],
        ]) {
          const { status, stderr: fault } = await command(...args);
          assert.equal(status, 0, fault);
        }
        assert.match(readFileSync(join(folder, "report.html"), "utf8"), /<table>/);
        assert.equal(readFileSync(join(folder, "levels.parquet"), "latin1").slice(0, 4), "PAR1");
        assert.ok(existsSync(join(folder, "network.onnx")));
      },
    ],
    [
      "split-ticket doctor",
      async () => {
        const { version, node: running, engines } = await json("doctor");
        assert.deepEqual([version, running, engines.at(-1)], [packed.version, process.version, "cpu"]);
      },
    ],
    [
      "split-ticket bench --quick",
      async () => {
        const { throughput } = await json("bench", "4,8,8,2", "--quick", "--device", "cpu");
        assert.ok(throughput[0].networkEpochsPerSecond > 0);
      },
    ],
    ["split-ticket lab serves the page", () => visitLab(folder, env)],
    [
      "the library in JavaScript",
      async () => {
        write("example.js", exampleOf(readme));
        const lines = (await node("example.js")).trim().split("\n");
        assert.equal(lines.length, 3);
        assert.equal(lines[2], "interconnected");
      },
    ],
    [
      "the library in CommonJS",
      async () => {
        write("common.cjs", 'console.log(require("split-ticket").weightCount([4, 8, 2]));');
        const { status, stdout, stderr } = await user.run(process.execPath, ["--no-warnings", "common.cjs"]);
        // Node 20.19 and 22.12 were the first that can require a module.
        if (process.features.require_module) assert.deepEqual([status, stdout], [0, "48\n"], stderr);
        else assert.match(stderr, /change the require of .* to a dynamic import\(\)/);
      },
    ],
  ];
}

/** Starts the page's server on a free port, fetches the page and what it loads, and ends the server. */
async function visitLab(folder, env) {
  const cli = join(folder, "node_modules", "split-ticket", "dist", "cli.mjs");
  const lab = spawn(process.execPath, [cli, "lab", "--port", "0"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const closed = new Promise((resolve) => lab.on("close", resolve));
  try {
    let address;
    for await (const line of createInterface({ input: lab.stdout })) {
      address = /http:\/\/\S+/.exec(line)?.[0];
      if (address) break;
    }
    assert.ok(address, "lab printed no address");
    const page = await (await fetch(address)).text();
    const loaded = [...page.matchAll(/(?:src|href)="([^"#:]+)"/g)].map(([, path]) => path);
    assert.ok(loaded.includes("page.js"), `the page loads ${loaded.join(", ")}`);
    for (const path of [
      ...loaded,
      "worker.js",
      "cpu_thread.js",
      "null_thread.js",
      "benchmark.js",
      "reports.js",
      "data/index.json",
    ]) {
      const { status } = await fetch(new URL(path, address));
      assert.equal(status, 200, path);
    }
  } finally {
    lab.kill();
    await closed;
  }
}
