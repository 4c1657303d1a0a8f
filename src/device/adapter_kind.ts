/** Kind of an adapter: a graphics processor, or a software adapter, which runs on the CPU. */
export type AdapterKind = "gpu" | "software";

/** The part of WebGPU's `GPUAdapterInfo` that identifies an adapter, without its type, which a library's user may lack. */
export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter: boolean;
}

/** Names of software adapters, for hosts that leave `isFallbackAdapter` unset. */
const softwareNames = /llvmpipe|lavapipe|softpipe|swiftshader|microsoft basic render|\bwarp\b/i;

/** The kind of an adapter, so that a run that asks for a GPU never runs on the CPU. */
export function adapterKind(facts: AdapterFacts): AdapterKind {
  const names = `${facts.architecture} ${facts.device} ${facts.description}`;
  return facts.isFallbackAdapter || softwareNames.test(names) ? "software" : "gpu";
}

/**
 * An adapter's name for people, in run folders and reports. A graphics processor: vendor, architecture, device and
 * description, without repeated words, because the description may name the driver alone (NVIDIA's is the same for all
 * cards). A software adapter: its description, which names the program and its version.
 */
export function adapterName(facts: AdapterFacts): string {
  const { vendor, architecture, device, description } = facts;
  if (description && adapterKind(facts) === "software") return description;
  let parts = [...new Set([vendor, architecture, device, description])].filter(Boolean);
  for (const part of parts) {
    const others = parts.filter((other) => other !== part);
    const said = new Set(others.flatMap(wordsOf));
    if (wordsOf(part).every((word) => said.has(word))) parts = others;
  }
  const last = parts.pop() ?? "an adapter without a name";
  const said = new Set(parts.flatMap(wordsOf));
  const tokens = last.split(" ");
  const first = tokens.findIndex((token) => wordsOf(token).some((word) => !said.has(word)));
  return [...parts, ...tokens.slice(first)].join(" ");
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}.]+/gu) ?? [];
}
