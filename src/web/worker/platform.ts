import { chromeDatasetAccess, type LoadObserver } from "../../dataset/chrome.ts";
import { openChromeDevice } from "../../device/chrome.ts";
import { startChromeThread } from "../../engine/cpu/worker/chrome.ts";
import type { Platform } from "../../run/platform.ts";
import { memoryTimes } from "../../run/speed/store.ts";
import type { MemoryFiles } from "../../store/memory.ts";

/** The version of the package, which tools/build_page.mjs inserts. */
declare const pageVersion: string;

/** Browsers end a tab that takes more memory, whatever the machine has. */
const memoryBytes = 4 * 2 ** 30;

/**
 * The platform of runs in a browser.
 * @param files where runs are kept until they are downloaded
 * @param base address of the page's folder
 */
export function chromePlatform(files: MemoryFiles, base: URL, observe: LoadObserver): Platform {
  return {
    files,
    datasets: chromeDatasetAccess(base, observe),
    openDevice: openChromeDevice,
    startThread: startChromeThread,
    // One core is left for drawing, so that the page stays responsive.
    cores: Math.max(1, navigator.hardwareConcurrency - 1),
    memoryBytes,
    times: memoryTimes(""),
    version: pageVersion,
    machine: { browser: navigator.userAgent },
  };
}
