import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundledLicences } from "./bundled_licences.mjs";

/** Scripts of the page: output and its entry file. */
const scripts = {
  page: "src/web/page/main.ts",
  worker: "src/web/worker/main.ts",
  benchmark: "src/web/benchmark/main.ts",
  reports: "src/web/worker/report_script.ts",
  cpu_thread: "src/engine/cpu/thread/chrome.ts",
  null_thread: "src/nulls/thread/chrome.ts",
};

/** The files that a visit loads first. */
const firstLoad = ["index.html", "style.css", "page.js", "worker.js"];

/** All files of the page. They use relative paths only, so that the folder can have any URL. */
export const pageFiles = [
  ...firstLoad,
  "benchmark.js",
  "reports.js",
  "cpu_thread.js",
  "null_thread.js",
  "licences.txt",
  "data/index.json",
];

/**
 * Bundles the page into a folder.
 * @returns compressed bytes of the first load
 */
export async function buildPage(root, folder) {
  const { inlinePlugin } = await import("./inline.mjs");
  const esbuild = await import("esbuild");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: { ...scripts, style: "src/web/style.css" },
    outdir: folder,
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    target: "chrome113",
    footer: { js: "/*! Licences of the packages in this file: licences.txt */" },
    define: { pageVersion: JSON.stringify(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version) },
    plugins: [inlinePlugin],
    logLevel: "error",
  });
  writeFileSync(join(folder, "licences.txt"), bundledLicences(root, metafile));
  copyFileSync(join(root, "src/web/index.html"), join(folder, "index.html"));
  // Index of the image sets in the folder; empty until the operator of the web host adds some.
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data", "index.json"), "{}\n");
  const gzipped = (name) => gzipSync(readFileSync(join(folder, name))).length;
  return { firstLoadBytes: firstLoad.reduce((sum, name) => sum + gzipped(name), 0) };
}
