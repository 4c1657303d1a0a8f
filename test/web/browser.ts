import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { packageRoot } from "../../src/device/environment/node.ts";

/** Flags of every browser of a test: no background services, and no downloads. */
const flags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Flags that give it WebGPU by its own software adapter; without them it has no WebGPU. */
const softwareWebGpu = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/**
 * Starts headless Chromium: the one that `SPLIT_TICKET_CHROMIUM` names, else the one that the set-up unpacked.
 * @throws Error if there is none: a page that is not tested is a failure
 */
export async function startBrowser({ webGpu }: { webGpu: boolean }): Promise<Browser> {
  const folder = join(packageRoot(), ".cache", "chromium");
  const own = process.env.SPLIT_TICKET_CHROMIUM;
  const executablePath = own || join(folder, "chromium");
  if (!existsSync(executablePath)) {
    throw new Error(`no browser at ${executablePath}: run "npm run setup", or name one in SPLIT_TICKET_CHROMIUM`);
  }
  const { LD_LIBRARY_PATH, VK_DRIVER_FILES: _, ...base } = process.env;
  const libraries = own ? LD_LIBRARY_PATH : join(folder, "lib");
  return chromium.launch({
    executablePath,
    // A flag asks for the new headless mode; that of the library is the old one, which has no WebGPU.
    headless: false,
    args: [...flags, ...(webGpu ? softwareWebGpu : [])],
    env: { ...base, ...(libraries && { LD_LIBRARY_PATH: libraries }), ...(!own && { FONTCONFIG_PATH: folder }) },
  });
}
