import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import * as esbuild from "esbuild";

/**
 * Plugins for imports that are not scripts: `*.wgsl` gives its text; `kernels.wasm` the compiled kernels of the folder
 * `assembly` next to the importing file; `x.ts?script` the text of x bundled with its imports, for a worker thread. A
 * bundle is then a single file. esbuild and vitest share this code.
 */
const root = fileURLToPath(new URL("..", import.meta.url));

const options = ["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--enable", "simd"];

/**
 * Compiles the AssemblyScript kernels of a folder, or reads them from .cache/ if the same sources were compiled before,
 * which saves two seconds per bundle.
 * @param kernels path of the entry file
 * @throws Error with the compiler's message
 */
export async function compileKernels(kernels) {
  const hash = createHash("sha256").update(options.join()).update(asc.version);
  const folder = dirname(kernels);
  for (const name of readdirSync(folder).sort()) hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
  const cached = join(root, ".cache", `kernels-${hash.digest("hex").slice(0, 16)}.wasm`);
  if (existsSync(cached)) return readFileSync(cached);

  const output = { bytes: undefined, text: "" };
  const outFile = ["--baseDir", root, "--outFile", "kernels.wasm"];
  const { error } = await asc.main([kernels.slice(root.length), ...outFile, ...options], {
    writeFile: (_name, contents) => {
      output.bytes = contents;
    },
    stderr: {
      write: (text) => {
        output.text += text;
      },
    },
  });
  if (error || output.text) throw new Error(`${kernels}: ${output.text || error.message}`, { cause: error });
  mkdirSync(dirname(cached), { recursive: true });
  // Renamed at the end, because several processes may compile at the same time.
  writeFileSync(`${cached}.${process.pid}`, output.bytes);
  renameSync(`${cached}.${process.pid}`, cached);
  return output.bytes;
}

/** The entry file of the kernels for an absolute path of a kernels.wasm. */
const kernelsEntry = (path) => join(dirname(path), "assembly", "kernels.ts");

/** Bundles a script for a worker thread of Node. */
export async function bundleScript(path) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    plugins: [inlinePlugin],
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/** The plugin for esbuild. */
export const inlinePlugin = {
  name: "inline",
  setup(build) {
    build.onLoad({ filter: /\.wgsl$/ }, ({ path }) => ({ contents: readFileSync(path, "utf8"), loader: "text" }));
    // Paths from the root, since a bundle's comments tell them.
    const fromRoot = (...parts) => relative(root, join(...parts)).replaceAll("\\", "/");
    build.onResolve({ filter: /\/kernels\.wasm$/ }, ({ path, resolveDir }) => ({
      path: fromRoot(resolveDir, path),
      namespace: "kernels",
    }));
    build.onLoad({ filter: /.*/, namespace: "kernels" }, async ({ path }) => ({
      contents: await compileKernels(kernelsEntry(join(root, path))),
      loader: "binary",
    }));
    build.onResolve({ filter: /\?script$/ }, ({ path, resolveDir }) => ({
      path: fromRoot(resolveDir, path.replace(/\?script$/, "")),
      namespace: "script",
    }));
    build.onLoad({ filter: /.*/, namespace: "script" }, async ({ path }) => ({
      contents: await bundleScript(join(root, path)),
      loader: "text",
    }));
  },
};

/** The plugin for vitest. */
export const inlineVitePlugin = {
  name: "inline",
  enforce: "pre",
  resolveId: (source, importer) =>
    /\/kernels\.wasm$/.test(source) && importer ? join(dirname(importer), source) : null,
  load: async (id) => {
    if (id.endsWith(".wgsl")) return `export default ${JSON.stringify(readFileSync(id, "utf8"))}`;
    if (id.endsWith("/kernels.wasm")) {
      const bytes = await compileKernels(kernelsEntry(id));
      return `export default Uint8Array.from(atob("${Buffer.from(bytes).toString("base64")}"), (c) => c.charCodeAt(0))`;
    }
    if (id.endsWith("?script"))
      return `export default ${JSON.stringify(await bundleScript(id.replace(/\?script$/, "")))}`;
    return null;
  },
};
