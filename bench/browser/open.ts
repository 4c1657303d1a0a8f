import { type AdapterFacts, type AdapterKind, adapterKind, adapterName } from "../../src/device/adapter_kind.ts";
import { DevTools, Tab } from "./devtools.ts";
import { findBrowser, hardwareWebGpu, softwareWebGpu } from "./executable.ts";
import { adapterInPage } from "./in_page.ts";

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
      const facts = await (await Tab.open(devTools, address)).evaluate(adapterInPage);
      if (facts && adapterKind(facts) === kind) return { devTools, facts, flags };
      refused.push(`by ${flags.join(" ")}: ${facts ? adapterName(facts) : "no adapter"}; ${devTools.complaints()}`);
    } catch (error) {
      refused.push(`by ${flags.join(" ")}: ${(error as Error).message}`);
    }
    await devTools.close();
  }
  throw new Error(`the browser offers no adapter of kind ${kind}:\n${refused.join("\n")}`);
}
