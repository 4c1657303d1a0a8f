import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Its standard library is compiled into the module of kernels, which esbuild sees as bytes. */
const compiledIn = "node_modules/assemblyscript";

/** Folders of the packages of which code is in the bundles, from esbuild's metafile. */
export function bundledPackages(metafile) {
  const folders = new Set([compiledIn]);
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
      if (folder && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

/**
 * Licences and notices of packages of which code is in the bundles, which whoever passes the bundles on passes on too.
 * @throws Error where a package has no licence file
 */
export function bundledLicences(root, metafile) {
  const parts = bundledPackages(metafile).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    if (!files.some((file) => !/^notice/i.test(file))) throw new Error(`${folder} has no licence file to pass on`);
    const texts = files.sort().map((file) => readFileSync(join(root, folder, file), "utf8").trim());
    return `${name} ${version} (${license})\n\n${texts.join("\n\n")}`;
  });
  const head = "The files of this folder contain code of the packages below, under these licences.";
  return `${[head, ...parts].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
