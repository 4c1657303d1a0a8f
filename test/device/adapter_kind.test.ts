import { describe, expect, it } from "vitest";
import { type AdapterFacts, adapterKind, adapterName } from "../../src/device/adapter_kind.ts";

const facts = (part: Partial<AdapterFacts>): AdapterFacts => ({
  vendor: "",
  architecture: "",
  device: "",
  description: "",
  isFallbackAdapter: false,
  ...part,
});

describe("adapterKind", () => {
  it.each([
    ["lavapipe", { vendor: "mesa", architecture: "software", description: "llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)" }],
    ["SwiftShader", { vendor: "google", architecture: "swiftshader" }],
    ["WARP", { description: "Microsoft Basic Render Driver" }],
    ["an unknown one that says so itself", { description: "New Renderer", isFallbackAdapter: true }],
  ])("calls %s software", (_, part) => {
    expect(adapterKind(facts(part))).toBe("software");
  });

  it.each([
    ["NVIDIA", { vendor: "nvidia", architecture: "hopper", description: "NVIDIA H200: 570.86" }],
    ["Mesa's hardware drivers", { vendor: "intel", architecture: "gen-12lp", description: "Mesa Intel(R) Xe" }],
    ["one whose name only resembles", { description: "Warped Pro 9" }],
  ])("calls %s a GPU", (_, part) => {
    expect(adapterKind(facts(part))).toBe("gpu");
  });
});

describe("adapterName", () => {
  it("is the description, else what else is known", () => {
    expect(adapterName(facts({ vendor: "v", description: "The Card" }))).toBe("The Card");
    expect(adapterName(facts({ vendor: "google", architecture: "swiftshader" }))).toBe("google swiftshader");
    expect(adapterName(facts({}))).toBe("an adapter without a name");
  });
});
