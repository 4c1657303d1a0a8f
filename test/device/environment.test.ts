import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapterKind, adapterName } from "../../src/device/adapter_kind.ts";
import { adapterEnvironment, adapterVariable, packageRoot } from "../../src/device/environment/node.ts";
import { probeAdapter } from "../../src/device/probe/node.ts";

const swiftShader = join(packageRoot(), ".cache", "swiftshader");
const swiftShaderOnly = {
  VK_DRIVER_FILES: join(swiftShader, "vk_swiftshader_icd.json"),
  LD_LIBRARY_PATH: join(swiftShader, "loader"),
};
/** Variables under which no driver is found, whatever this machine has installed. */
const noDriver = { VK_DRIVER_FILES: "/nowhere/icd.json" };
const startedOnGpu = process.env[adapterVariable]?.startsWith("gpu: ") === true;
const linux = process.platform === "linux" && process.arch === "x64";

let emptyFolder: string;
beforeAll(() => {
  emptyFolder = mkdtempSync(join(tmpdir(), "split-ticket-environment-"));
});
afterAll(() => rmSync(emptyFolder, { recursive: true, force: true }));

describe("packageRoot", () => {
  it("is the folder of package.json", () => {
    expect(existsSync(join(packageRoot(), "vitest.config.ts"))).toBe(true);
  });
});

// A machine with a GPU needs no set-up, and may have neither SwiftShader nor our Vulkan loader.
describe.runIf(linux && (!startedOnGpu || existsSync(swiftShader)))("adapterEnvironment with SwiftShader", () => {
  it("needs the set-up to have unpacked SwiftShader", () => {
    expect(existsSync(swiftShader), 'run "npm run setup" first').toBe(true);
  });

  it("changes nothing where the process has an adapter", async () => {
    const found = await adapterEnvironment("auto", swiftShaderOnly, swiftShader);
    expect(found.env).toEqual({});
    expect(found.kind).toBe("software");
    expect(found.source).toMatch(/^software: SwiftShader driver .* \(this system\)$/);
  });

  it("falls back on SwiftShader, and its variables lead a process to it", async () => {
    const found = await adapterEnvironment("auto", noDriver, swiftShader);
    expect(found.source).toMatch(/^software: SwiftShader driver .* \(unpacked by the set-up\)$/);
    expect(found.env).toEqual(swiftShaderOnly);
    const facts = await probeAdapter({ ...noDriver, ...found.env });
    expect(facts && adapterKind(facts)).toBe("software");
  });

  it("keeps the library path that was there", async () => {
    const found = await adapterEnvironment("software", { ...noDriver, LD_LIBRARY_PATH: emptyFolder }, swiftShader);
    expect(found.kind).toBe("software");
    if (found.env.LD_LIBRARY_PATH)
      expect(found.env.LD_LIBRARY_PATH).toBe(`${join(swiftShader, "loader")}:${emptyFolder}`);
  });

  it("lends the system's own drivers the Vulkan loader alone", async () => {
    const { VK_DRIVER_FILES, LD_LIBRARY_PATH } = swiftShaderOnly;
    const found = await adapterEnvironment("auto", { VK_DRIVER_FILES }, swiftShader);
    expect(found.kind).toBe("software");
    // A machine with a loader of its own needs none of ours.
    if (Object.keys(found.env).length > 0) expect(found.env).toEqual({ LD_LIBRARY_PATH });
  });

  it("refuses it when a GPU was asked for", async () => {
    await expect(adapterEnvironment("gpu", swiftShaderOnly, swiftShader)).rejects.toThrow(
      /^--device gpu: no hardware adapter, found software: SwiftShader driver .* \(this system\).*; install the GPU's Vulkan driver and loader, or use --device cpu$/,
    );
  });
});

// Only a process that was started with a GPU's environment is known to have one.
describe.runIf(startedOnGpu)("adapterEnvironment with a GPU", () => {
  const { [adapterVariable]: entered, ...base } = process.env;

  it.each(["gpu", "auto"] as const)("finds it for %s, and its variables lead a process to it", async (choice) => {
    const found = await adapterEnvironment(choice, base);
    expect(found.kind).toBe("gpu");
    const facts = await probeAdapter({ ...base, ...found.env });
    expect(facts && adapterKind(facts)).toBe("gpu");
    expect(found.source).toContain(`gpu: ${facts && adapterName(facts)} (`);
    expect(entered).toContain(`gpu: ${facts && adapterName(facts)} (`);
  });

  it("is preferred to SwiftShader", async () => {
    expect(await adapterEnvironment("auto", base, swiftShader)).toEqual(
      await adapterEnvironment("gpu", base, swiftShader),
    );
  });
});

describe.runIf(linux)("adapterEnvironment", () => {
  it("says none for auto where there is nothing", async () => {
    const nothing = await adapterEnvironment("auto", noDriver, emptyFolder);
    expect(nothing).toEqual({ env: {}, source: "none", kind: "none" });
  });

  it("refuses a run on a GPU where there is nothing", async () => {
    await expect(adapterEnvironment("gpu", noDriver, emptyFolder)).rejects.toMatchObject({
      name: "InputError",
      message:
        "--device gpu: no hardware adapter, found no adapter at all; install the GPU's Vulkan driver and loader, or use --device cpu",
    });
  });

  it("says what to do where no software adapter is left", async () => {
    const bare = { ...noDriver, XDG_DATA_DIRS: emptyFolder, XDG_DATA_HOME: emptyFolder };
    await expect(adapterEnvironment("software", bare, emptyFolder)).rejects.toMatchObject({
      name: "InputError",
      message:
        '--device software: no software adapter, found no adapter at all; run "npm run setup" (Linux x64), install Mesa\'s Vulkan drivers, or use --device cpu',
    });
  });

  it("believes the process that started it, unless another kind is asked for now", async () => {
    const entered = { ...noDriver, [adapterVariable]: "software: X (there)" };
    const found = await adapterEnvironment("auto", entered, emptyFolder);
    expect(found).toEqual({ env: {}, source: "software: X (there)", kind: "software" });
    expect(await adapterEnvironment("software", entered, emptyFolder)).toEqual(found);
    await expect(adapterEnvironment("gpu", entered, emptyFolder)).rejects.toThrow("no hardware adapter");
  });
});
