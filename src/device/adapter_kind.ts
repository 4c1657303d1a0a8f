/** Kind of an adapter: a graphics processor, or a software adapter, which runs on the CPU. */
export type AdapterKind = "gpu" | "software";

/** The part of `GPUAdapterInfo` that identifies an adapter. */
export type AdapterFacts = Pick<
  GPUAdapterInfo,
  "vendor" | "architecture" | "device" | "description" | "isFallbackAdapter"
>;

/** Names of software adapters, for hosts that leave `isFallbackAdapter` unset. */
const softwareNames = /llvmpipe|lavapipe|softpipe|swiftshader|microsoft basic render|\bwarp\b/i;

/** The kind of an adapter, so that a run that asks for a GPU never runs on the CPU. */
export function adapterKind(facts: AdapterFacts): AdapterKind {
  const names = `${facts.architecture} ${facts.device} ${facts.description}`;
  return facts.isFallbackAdapter || softwareNames.test(names) ? "software" : "gpu";
}

/** An adapter's name for people: the description where the host gives one. */
export function adapterName(facts: AdapterFacts): string {
  const name = facts.description || [facts.vendor, facts.architecture, facts.device].filter(Boolean).join(" ");
  return name || "an adapter without a name";
}
