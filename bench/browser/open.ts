import { type AdapterFacts, type AdapterKind, adapterKind, adapterName } from "../../src/device/adapter_kind.ts";
import { DevTools, Tab } from "./devtools.ts";
import { findBrowser, hardwareWebGpu, softwareWebGpu } from "./executable.ts";
import { adapterInPage } from "./in_page.ts";

const answerLimitMs = 20_000;

/** A browser whose pages get an adapter; the caller closes it. */
export interface OpenBrowser {
  readonly devTools: DevTools;
  readonly facts: AdapterFacts;
  readonly flags: readonly string[];
}

/**
 * Starts the browser with the first flags by which a page gets an adapter of a kind.
 * @param address a page from a secure origin, without which there is no WebGPU
 * @throws Error that tells for all flags what the browser offered and what it wrote
 */
export async function openBrowser(kind: AdapterKind, address: string): Promise<OpenBrowser> {
  const refused: string[] = [];
  for (const flags of kind === "gpu" ? hardwareWebGpu : [softwareWebGpu]) {
    const devTools = new DevTools(findBrowser(), flags);
    try {
      const facts = await Promise.race([adapterFacts(devTools, address), silence()]);
      if (facts && adapterKind(facts) === kind) return { devTools, facts, flags };
      refused.push(`by ${flags.join(" ")}: ${facts ? adapterName(facts) : "no adapter"}; ${devTools.complaints()}`);
    } catch (error) {
      refused.push(`by ${flags.join(" ")}: ${(error as Error).message}`);
    }
    await devTools.close();
  }
  throw new Error(`the browser offers no adapter of kind ${kind}:\n${refused.join("\n")}`);
}

async function adapterFacts(devTools: DevTools, address: string): Promise<AdapterFacts | null> {
  const tab = await Tab.open(devTools, address);
  return tab.evaluate(adapterInPage);
}

/** Rejected after the longest time that a browser may take to tell its adapter: a driver may hang. */
async function silence(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, answerLimitMs).unref());
  throw new Error(`no answer in ${answerLimitMs / 1000} s`);
}
