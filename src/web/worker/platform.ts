import { chromeDatasetAccess, type LoadObserver } from "../../dataset/chrome.ts";
import { openChromeDevice } from "../../device/chrome.ts";
import { startChromeThread } from "../../engine/cpu/worker/chrome.ts";
import type { Platform } from "../../run/platform.ts";
import type { MemoryFiles } from "../../store/memory.ts";

/** Browsers end a tab that takes more, whatever the machine has. */
const memoryBytes = 4 * 2 ** 30;

/**
 * What a run needs of a browser.
 * @param files where runs are kept until they are downloaded
 * @param base address of the page's folder
 */
export function chromePlatform(files: MemoryFiles, base: URL, observe: LoadObserver): Platform {
  return {
    files,
    datasets: chromeDatasetAccess(base, observe),
    openDevice: openChromeDevice,
    startThread: startChromeThread,
    // One is left to draw on: a page that trains stays a page.
    cores: Math.max(1, navigator.hardwareConcurrency - 1),
    memoryBytes,
    machine: { browser: navigator.userAgent },
  };
}
