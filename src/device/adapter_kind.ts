/** What stands behind an adapter: a graphics processor, or a program on the CPU that behaves like one. */
export type AdapterKind = "gpu" | "software";

/** The part of `GPUAdapterInfo` that tells adapters apart. */
export type AdapterFacts = Pick<
  GPUAdapterInfo,
  "vendor" | "architecture" | "device" | "description" | "isFallbackAdapter"
>;

/** Names under which software adapters announce themselves, for hosts that leave `isFallbackAdapter` unset. */
const softwareNames = /llvmpipe|lavapipe|softpipe|swiftshader|microsoft basic render|\bwarp\b/i;

/** Tells whether an adapter is hardware, so that a run that wanted a GPU never slips onto the CPU. */
export function adapterKind(facts: AdapterFacts): AdapterKind {
  const names = `${facts.architecture} ${facts.device} ${facts.description}`;
  return facts.isFallbackAdapter || softwareNames.test(names) ? "software" : "gpu";
}

/** An adapter's name as people read it; the description where the host gives one. */
export function adapterName(facts: AdapterFacts): string {
  const name = facts.description || [facts.vendor, facts.architecture, facts.device].filter(Boolean).join(" ");
  return name || "an adapter without a name";
}
