import type { BrowserAdapter } from "../../device/chrome.ts";
import { element } from "./dom.ts";

/** How to get WebGPU, by browser. */
function advice(): string {
  if (!isSecureContext) return "This address is not secure, and browsers offer WebGPU on https and localhost only.";
  const agent = navigator.userAgent;
  if (/Firefox\//.test(agent)) {
    return "Firefox has WebGPU on Windows and on Macs with Apple silicon; elsewhere set dom.webgpu.enabled in about:config, or use Chrome or Edge.";
  }
  if (/Chrome\//.test(agent) && /Linux/.test(agent) && !/Android/.test(agent)) {
    return "Chrome on Linux needs the flags --enable-unsafe-webgpu --enable-features=Vulkan, and a Vulkan driver; see chrome://gpu.";
  }
  if (/Chrome\//.test(agent)) return "Chrome and Edge have WebGPU from version 113 on: update, and see chrome://gpu.";
  if (/Safari\//.test(agent)) return "Safari has WebGPU from version 26 on; or use Chrome or Edge.";
  return "Use a new Chrome, Edge, Safari or Firefox.";
}

/** Shows the browser's adapter; without WebGPU, how to get it and what works without it. */
export function describeAdapter(
  place: HTMLElement,
  adapter: BrowserAdapter | undefined,
  say: (text: string) => void,
): void {
  if (adapter) {
    const kind = adapter.kind === "gpu" ? "" : " (software: “auto” takes the CPU, which is faster)";
    place.replaceChildren("WebGPU: ", element("b", {}, adapter.name), kind);
    return;
  }
  place.replaceChildren(element("b", {}, "No WebGPU"), ": the CPU computes");
  say(
    `This browser offers no WebGPU adapter. ${advice()} Meanwhile the CPU engine (WebAssembly) trains small networks such as moons and circles well; press Start.`,
  );
}
