import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildPage, pageFiles } from "./build_page.mjs";

/** Bundles: output in dist/ and its entry file. The package has the command line and the library, which share files. */
const published = { cli: "src/cli/main.ts", index: "src/node.ts" };
/** Bundles of a clone. tools/test.mjs uses `environment`, tools/crash/ calls `command_line` within its own process, test:devices is `device_losses`, test:soak is `soak`. */
const inClone = {
  bench: "bench/main.ts",
  command_line: "src/cli/command_line.ts",
  device_losses: "tools/device_losses/main.ts",
  environment: "src/device/environment/node.ts",
  soak: "tools/soak/main.ts",
};

/** Files and folders that determine the outputs. */
const inputs = [
  "src",
  "shaders",
  "bench",
  "tsconfig.json",
  "tsconfig.build.json",
  "package-lock.json",
  "tools/build.mjs",
  "tools/build_page.mjs",
  "tools/bundled_licences.mjs",
  "tools/inline.mjs",
  "tools/crash/random.mjs",
  "tools/device_losses",
  "tools/soak",
];

/** One hash over the names and contents of all inputs. */
function hashInputs(root) {
  const hash = createHash("sha256").update(process.platform);
  const add = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      // bench/peers has its own packages, which no bundle contains.
      for (const name of readdirSync(full).sort()) if (name !== "node_modules") add(`${path}/${name}`);
    } else hash.update(`\0${path}\0`).update(readFileSync(full));
  };
  for (const path of inputs) add(path);
  return hash.digest("hex");
}

/** Deletes the declarations that an entry does not reach: no program can import them, and some need WebGPU's types. */
function keepReachable(folder, entry) {
  const reached = new Set([entry]);
  for (const path of reached) {
    const text = readFileSync(join(folder, path), "utf8");
    for (const [, source] of text.matchAll(/(?:\bfrom |\bimport\()"(\.[^"]+)\.ts"/g))
      reached.add(join(dirname(path), `${source}.d.ts`));
  }
  for (const path of readdirSync(folder, { recursive: true })) {
    if (path.endsWith(".d.ts") && !reached.has(path)) rmSync(join(folder, path));
  }
}

/** Builds dist/ unless it was built from the same inputs. */
export async function build(root, say) {
  const dist = join(root, "dist");
  const stampPath = join(dist, ".inputs");
  const stamp = hashInputs(root);
  const outputs = [
    ...Object.keys({ ...published, ...inClone }).map((name) => `${name}.mjs`),
    ...pageFiles.map((name) => `page/${name}`),
    "types/node.d.ts",
  ];
  const complete = outputs.every((output) => existsSync(join(dist, output)));
  if (complete && existsSync(stampPath) && readFileSync(stampPath, "utf8") === stamp) return;
  say("building dist");
  mkdirSync(dist, { recursive: true });
  rmSync(stampPath, { force: true });

  // Imported here, after the set-up has installed the packages.
  const { inlinePlugin } = await import("./inline.mjs");
  const esbuild = await import("esbuild");
  const bundle = (entryPoints, options) =>
    esbuild.build({
      absWorkingDir: root,
      entryPoints,
      outdir: "dist",
      outExtension: { ".js": ".mjs" },
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      packages: "external",
      plugins: [inlinePlugin],
      logLevel: "error",
      ...options,
    });
  rmSync(join(dist, "chunks"), { recursive: true, force: true });
  try {
    // Modules that both use, or that a command imports on demand, are in separate files.
    await bundle(published, { splitting: true, chunkNames: "chunks/[name]-[hash]" });
    await bundle(inClone, {});
    const sizes = await buildPage(root, join(dist, "page"));
    say(`page: ${Math.round(sizes.firstLoadBytes / 1000)} kB in its first load, gzipped`);
  } catch (error) {
    throw new Error(`esbuild found ${error.errors?.length ?? "some"} errors; they are above`, { cause: error });
  }
  chmodSync(join(dist, "cli.mjs"), 0o755);

  rmSync(join(dist, "types"), { recursive: true, force: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const types = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, encoding: "utf8" });
  if (types.status !== 0) throw new Error(`tsc could not write the type declarations:\n${types.stdout}${types.stderr}`);
  keepReachable(join(dist, "types"), "node.d.ts");
  writeFileSync(stampPath, stamp);
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  await build(root, (line) => console.error(line)).catch((error) => {
    console.error(`build failed: ${error.message}`);
    process.exitCode = 1;
  });
}
