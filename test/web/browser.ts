import { type Browser, chromium } from "playwright-core";
import { findBrowser, quietFlags, softwareWebGpu } from "../../bench/browser/executable.ts";

/**
 * Starts headless Chromium: the one that `SPLIT_TICKET_CHROMIUM` names, else the one that the set-up unpacked.
 * @throws Error if there is none: a page that is not tested is a failure
 */
export async function startBrowser({ webGpu }: { webGpu: boolean }): Promise<Browser> {
  const { path, env } = findBrowser();
  const { VK_DRIVER_FILES: _, ...base } = process.env;
  return chromium.launch({
    executablePath: path,
    // A flag asks for the new headless mode; that of the library is the old one, which has no WebGPU.
    headless: false,
    args: [...quietFlags, ...(webGpu ? softwareWebGpu : [])],
    // Without a UTF-8 locale Chromium reads the names of files as ASCII.
    env: { ...base, ...env, LC_ALL: "C.UTF-8" },
  });
}
