import { existsSync, mkdirSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { decompress, makeWholeFolder } from "./whole_folder.mjs";

/** Target folder of each file; the loader has its own folder, so that a library search path finds only the loader. */
const places = {
  "vk_swiftshader_icd.json": ".",
  "libvk_swiftshader.so": ".",
  "libvulkan.so.1": "loader",
};

/**
 * Unpacks SwiftShader, a Vulkan driver that runs on the CPU, and the Vulkan loader from the npm package
 * @sparticuz/chromium into `.cache/swiftshader/`, so that packages from npm provide an adapter.
 * @returns the folder, or null if the package has no driver for the platform or is not installed
 */
export async function provideSwiftShader(root, say, platform = `${process.platform}-${process.arch}`) {
  const target = join(root, ".cache", "swiftshader");
  if (existsSync(target)) return target;
  if (platform !== "linux-x64") {
    say(`no software adapter for ${platform}: SwiftShader comes for linux-x64 only; a GPU is used, or --device cpu`);
    return null;
  }
  const archive = join(root, "node_modules", "@sparticuz", "chromium", "bin", "swiftshader.tar.br");
  if (!existsSync(archive)) {
    say("no software adapter: the package @sparticuz/chromium is not installed (npm ci)");
    return null;
  }

  say("unpacking SwiftShader, the software adapter, into .cache/swiftshader");
  const tar = createRequire(join(root, "package.json"))("tar");
  await makeWholeFolder(target, async (temporary) => {
    for (const folder of new Set(Object.values(places))) mkdirSync(join(temporary, folder), { recursive: true });
    const filter = (path) => path.replace(/^\.\//, "") in places;
    await decompress(archive, tar.extract({ cwd: temporary, preserveOwner: false, filter }));
    for (const [name, folder] of Object.entries(places)) {
      if (!existsSync(join(temporary, name))) throw new Error(`${archive} holds no ${name}`);
      if (folder !== ".") renameSync(join(temporary, name), join(temporary, folder, name));
    }
  });
  return target;
}
