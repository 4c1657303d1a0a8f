import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { packageRoot } from "../../src/device/environment/node.ts";

/** Flags of every browser of a test or benchmark: headless, no background services, no downloads. */
export const quietFlags: readonly string[] = [
  "--headless=new",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Containers have little /dev/shm.
  "--disable-dev-shm-usage",
];

/** Flags that give it WebGPU by its own software adapter; without them the unpacked browser has no WebGPU. */
export const softwareWebGpu: readonly string[] = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/**
 * Flags that give it WebGPU by a graphics processor, to be tried in this order. Chrome's WebGPU on Linux is behind a
 * flag, and without a display its compositor needs Vulkan without a surface; where ANGLE does not start on that Vulkan,
 * the second and third leave the compositor to OpenGL or to the processor.
 */
export const hardwareWebGpu: readonly (readonly string[])[] =
  process.platform === "linux"
    ? [["--use-angle=vulkan", "--disable-vulkan-surface"], [], ["--use-angle=gl-egl"]].map((compositor) => [
        "--enable-unsafe-webgpu",
        "--enable-features=Vulkan",
        "--ignore-gpu-blocklist",
        ...compositor,
      ])
    : [["--enable-unsafe-webgpu"]];

/** A browser on this machine. */
export interface BrowserExecutable {
  readonly path: string;
  /** Variables that it needs in addition to those of this process. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The browser of tests and benchmarks: the Chrome that `SPLIT_TICKET_CHROMIUM` names, else the one that the set-up
 * unpacked.
 * @throws Error if there is none
 */
export function findBrowser(): BrowserExecutable {
  const folder = join(packageRoot(), ".cache", "chromium");
  const own = process.env.SPLIT_TICKET_CHROMIUM;
  const path = own || join(folder, "chromium");
  if (!existsSync(path)) {
    throw new Error(`no browser at ${path}: run "npm run setup", or name one in SPLIT_TICKET_CHROMIUM`);
  }
  // What was searched stays: a container may find the GPU's driver there.
  const searched = [join(folder, "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return { path, env: own ? {} : { LD_LIBRARY_PATH: searched, FONTCONFIG_PATH: folder } };
}
