import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { serveLab } from "../../src/cli/lab/server.ts";
import { packageRoot } from "../../src/device/environment/node.ts";
import { buildPage, type PageSizes } from "../../tools/build_page.mjs";
import { startBrowser } from "./browser.ts";

/** The page, built and served for the tests of a file, in one browser. */
export interface TestedPage {
  readonly browser: () => Browser;
  readonly sizes: () => PageSizes;
  /** Opens the page in a new tab, with settings in its address; an error or warning on its console fails the test. */
  readonly visit: (settings: string, options?: Visit) => Promise<Page>;
  /** Saves a screenshot of a tab below `.cache/screenshots`. */
  readonly picture: (page: Page, name: string) => Promise<void>;
}

export interface Visit {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: "light" | "dark";
  readonly stillness?: boolean;
}

export function testedPage({ webGpu }: { webGpu: boolean }): TestedPage {
  let folder = "";
  let server: Server;
  let browser: Browser;
  let sizes: PageSizes;
  const complaints: string[] = [];
  beforeAll(async () => {
    mkdirSync(join(packageRoot(), ".cache"), { recursive: true });
    folder = mkdtempSync(join(packageRoot(), ".cache", "test-page-"));
    [sizes, browser] = await Promise.all([buildPage(packageRoot(), folder), startBrowser({ webGpu })]);
    server = await serveLab(0, folder, console.error);
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
    expect(complaints).toEqual([]);
  });
  return {
    browser: () => browser,
    sizes: () => sizes,
    visit: async (settings, { width = 1280, height = 900, scheme = "light", stillness = false } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        reducedMotion: stillness ? "reduce" : "no-preference",
        acceptDownloads: true,
      });
      const page = await context.newPage();
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      // The page must request nothing from other origins.
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      page.on("request", (request) => {
        if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(origin)) complaints.push(request.url());
      });
      await page.goto(`${origin}/${settings && `#${settings}`}`);
      await page.waitForFunction(() => document.querySelector("#adapter")?.textContent !== "looking for an adapter …");
      return page;
    },
    picture: async (page, name) => {
      const place = join(packageRoot(), ".cache", "screenshots");
      mkdirSync(place, { recursive: true });
      await page.screenshot({ path: join(place, `${name}.png`), fullPage: true });
    },
  };
}

export const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });

/** Waits until the bar of buttons shows a status. */
export async function untilStatus(page: Page, text: RegExp, timeoutMs = 60_000): Promise<void> {
  await page.locator("#watch .transport .status", { hasText: text }).waitFor({ timeout: timeoutMs });
}

/** Presses a button that saves a file, and reads the file. */
export async function download(page: Page, name: string): Promise<{ name: string; bytes: Uint8Array }> {
  const [file] = await Promise.all([page.waitForEvent("download"), button(page, name).click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}
