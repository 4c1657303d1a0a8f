import { chromeDatasetAccess, type LoadObserver } from "../../dataset/chrome.ts";
import { openChromeDevice } from "../../device/chrome.ts";
import { startChromeThread } from "../../engine/cpu/worker/chrome.ts";
import { chromeNullTester } from "../../nulls/worker/chrome.ts";
import type { Platform } from "../../run/platform.ts";
import { memoryTimes } from "../../run/speed/store.ts";
import type { MemoryFiles } from "../../store/memory.ts";

/** The version of the package, which tools/build_page.mjs inserts. */
declare const pageVersion: string;

/** Browsers end a tab that takes more memory, whatever the machine has. */
const mostTabBytes = 4 * 2 ** 30;

/**
 * The platform of runs in a browser.
 * @param files where runs are kept until they are downloaded
 * @param base address of the page's folder
 */
export function chromePlatform(files: MemoryFiles, base: URL, observe: LoadObserver): Platform {
  // Chrome tells the machine's memory roughly, in GiB; other browsers do not.
  const { deviceMemory = Number.POSITIVE_INFINITY } = navigator as { readonly deviceMemory?: number };
  const memoryBytes = Math.min(mostTabBytes, deviceMemory * 2 ** 30);
  return {
    files,
    datasets: chromeDatasetAccess(base, observe),
    openDevice: openChromeDevice,
    startThread: startChromeThread,
    openNulls: chromeNullTester,
    // One core is left for drawing, so that the page stays responsive.
    cores: Math.max(1, navigator.hardwareConcurrency - 1),
    memoryBytes,
    memoryLimit: memoryBytes < mostTabBytes ? "the machine has no more" : "a page may have no more",
    freeDiskBytes: async () => undefined,
    keepsFilesInMemory: true,
    times: memoryTimes(""),
    version: pageVersion,
    machine: { browser: navigator.userAgent },
  };
}
