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
  const driver = { vendor: "nvidia", description: "NVIDIA: 580.159.04 580.159.4.0" };

  it.each([
    ["nvidia-h200 580.159.04 580.159.4.0", { ...driver, device: "nvidia-h200" }],
    ["nvidia-h100-80gb-hbm3 580.159.04 580.159.4.0", { ...driver, device: "nvidia-h100-80gb-hbm3" }],
    ["hopper NVIDIA H200: 570.86", { vendor: "nvidia", architecture: "hopper", description: "NVIDIA H200: 570.86" }],
    [
      "gen-12lp mesa-intel-r-xe-graphics-tgl-gt2 open-source Mesa driver: Mesa 25.0.7",
      {
        vendor: "intel",
        architecture: "gen-12lp",
        device: "mesa-intel-r-xe-graphics-tgl-gt2",
        description: "Intel open-source Mesa driver: Mesa 25.0.7",
      },
    ],
    ["metal-3 Apple M2", { vendor: "apple", architecture: "metal-3", device: "apple-m2", description: "Apple M2" }],
    ["v The Card", { vendor: "v", description: "The Card" }],
    // Chrome on a graphics processor hides device and description.
    ["nvidia hopper", { vendor: "nvidia", architecture: "hopper" }],
    ["an adapter without a name", {}],
  ])("names a graphics processor by all that is known: %s", (name, part) => {
    expect(adapterName(facts(part))).toBe(name);
  });

  it.each([
    [
      "SwiftShader driver 5.0.0",
      {
        vendor: "google",
        architecture: "swiftshader",
        device: "swiftshader-device-subzero-",
        description: "SwiftShader driver 5.0.0",
      },
    ],
    [
      "llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)",
      { vendor: "mesa", architecture: "software", description: "llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)" },
    ],
    ["google swiftshader", { vendor: "google", architecture: "swiftshader" }],
  ])("names a software adapter by its program: %s", (name, part) => {
    expect(adapterName(facts(part))).toBe(name);
  });
});
