import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Scripts of the page: output and the file it starts from. */
const scripts = {
  page: "src/web/page/main.ts",
  worker: "src/web/worker/main.ts",
  benchmark: "src/web/benchmark/main.ts",
  cpu_thread: "src/engine/cpu/thread/chrome.ts",
};

/** What a visit loads before anything is started. */
const firstLoad = ["index.html", "style.css", "page.js", "worker.js"];

/** Every file of the page. All paths in them are relative, so that the folder can lie anywhere on a web host. */
export const pageFiles = [...firstLoad, "benchmark.js", "cpu_thread.js", "data/index.json"];

/** zod says its messages in English alone here; its other languages are a third of the page. */
const englishOnly = {
  name: "english-only",
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export {};" }));
  },
};

/**
 * Bundles the page into a folder.
 * @returns bytes of the first load as a web host that compresses sends them
 */
export async function buildPage(root, folder) {
  const { inlinePlugin } = await import("./inline.mjs");
  const esbuild = await import("esbuild");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { ...scripts, style: "src/web/style.css" },
    outdir: folder,
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    target: "chrome113",
    // The licences of what is bundled stay in the files.
    legalComments: "eof",
    plugins: [inlinePlugin, englishOnly],
    logLevel: "error",
  });
  copyFileSync(join(root, "src/web/index.html"), join(folder, "index.html"));
  // Which image sets lie beside the page: none, until whoever serves it adds them.
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "index.json"), "{}\n");
  const gzipped = (name) => gzipSync(readFileSync(join(folder, name))).length;
  return { firstLoadBytes: firstLoad.reduce((sum, name) => sum + gzipped(name), 0) };
}
