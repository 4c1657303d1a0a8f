import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeviceError, InputError } from "../../src/base/errors.ts";
import { Device } from "../../src/device/device.ts";
import { packageRoot } from "../../src/device/environment/node.ts";
import { DeviceExecutor } from "../../src/engine/shared/device_executor.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { earlyStopping } from "../../src/kernels/early_stopping.ts";
import { keepBest } from "../../src/kernels/keep_best.ts";
import type { Kernel } from "../../src/kernels/kernel.ts";
import { KernelPipeline } from "../../src/kernels/pipeline.ts";
import { structOf } from "../../src/kernels/reflect.ts";
import { shared } from "../../src/kernels/shared.ts";
import { gpuInstance } from "../kernels/harness.ts";

/** Bytes of a buffer that fits kernels with whole networks. */
const fourNetworks = 4 * structOf(keepBest, "networks").sizeBytes;

/** What a promise is rejected with. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("nothing failed");
}

/** Lets the device report what it found. */
const soon = () => new Promise((resolve) => setTimeout(resolve, 100));

// Adapters are asked for in hooks only: Dawn's binding for Node has crashed where a test asked.
const opened: Device[] = [];
/** One device for each test that breaks it, and one that stays whole. */
let [whole, invalid, invalidRead, lost, closed]: Device[] = [];
let lostInSetUp: Device[] = [];
let refusals: { binding: unknown; kind: unknown; none: unknown };
beforeAll(async () => {
  for (let i = 0; i < 8; i++) opened.push(await Device.open(gpuInstance()));
  [whole, invalid, invalidRead, lost, closed, ...lostInSetUp] = opened;
  const other = whole.kind === "gpu" ? "software" : "gpu";
  const noAdapter: Pick<GPU, "requestAdapter"> = { requestAdapter: async () => null };
  refusals = {
    binding: await failureOf(Device.open(gpuInstance(), { largestBindingBytes: 2 ** 50 })),
    kind: await failureOf(Device.open(gpuInstance(), { accept: other })),
    none: await failureOf(Device.open(noAdapter as GPU)),
  };
});
afterAll(() => {
  for (const device of opened) device.destroy();
});

describe("Device.open refuses", () => {
  it("an adapter that lacks a limit, and names it with both numbers", () => {
    const offered = whole.owners[1].limits.maxStorageBufferBindingSize;
    expect(refusals.binding).toEqual(
      new InputError(
        `adapter ${whole.name} lacks maxStorageBufferBindingSize: the run needs ${2 ** 50}, it offers ${offered}; choose a smaller shape, fewer samples or --device cpu`,
      ),
    );
  });

  it("an adapter of the wrong kind", () => {
    const other = whole.kind === "gpu" ? "software" : "gpu";
    expect(refusals.kind).toEqual(
      new InputError(
        `adapter ${whole.name} is ${whole.kind}, --device asks for ${other}: choose --device ${whole.kind} or auto`,
      ),
    );
  });

  it("a machine without an adapter", () => {
    expect(refusals.none).toEqual(
      new InputError("no WebGPU adapter: `split-ticket doctor` shows what was searched; --device cpu needs none"),
    );
  });
});

function failureOfCheck(device: Device): unknown {
  try {
    device.check();
  } catch (error) {
    expect(error).toBeInstanceOf(DeviceError);
    return error;
  }
  return undefined;
}

describe("a device", () => {
  it("gives storage of zeros and reads ranges of it back", async () => {
    const buffer = whole.storageBuffer("numbers", 32);
    whole.gpu.queue.writeBuffer(buffer, 8, Uint32Array.of(1, 2, 3));
    expect([...new Uint32Array(await whole.read(buffer, 0, 32))]).toEqual([0, 0, 1, 2, 3, 0, 0, 0]);
    expect([...new Uint32Array(await whole.read(buffer, 12, 8))]).toEqual([2, 3]);
    buffer.destroy();
  });

  it("refuses storage above the limit that it was opened for", () => {
    const limit = whole.gpu.limits.maxStorageBufferBindingSize;
    expect(() => whole.storageBuffer("weights", limit + 16)).toThrow(
      `internal: buffer weights of ${limit + 16} bytes, the device was opened for ${limit}`,
    );
  });

  it("keeps an uncaptured error and throws it at every later call", async () => {
    invalid.check();
    invalid.gpu.createBuffer({ label: "useless", size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    await soon();
    // A call that the device refuses as invalid is a fault of the program: a fresh device refuses it as well.
    expect(failureOfCheck(invalid)).toMatchObject({ message: expect.stringMatching(/useless/), mayPass: false });
    expect(() => invalid.storageBuffer("next", 16)).toThrow(`${invalid.name}: `);
  });

  it("throws an error that arises on the way before a read is believed", async () => {
    const buffer = invalidRead.storageBuffer("numbers", 16);
    const reading = failureOf(invalidRead.read(buffer, 0, 16));
    invalidRead.gpu.queue.writeBuffer(buffer, 8, new Uint32Array(4));
    const failure = await reading;
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as Error).message).toContain('does not fit in [Buffer "numbers"] size (16)');
    await expect(invalidRead.read(buffer, 0, 16)).rejects.toThrow(DeviceError);
  });

  it("rejects a pending read when it is lost, and every call after", async () => {
    const buffer = lost.storageBuffer("numbers", 16);
    const reading = failureOf(lost.read(buffer, 0, 16));
    lost.gpu.destroy();
    const failure = await reading;
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as Error).message).toMatch(/: device lost \(destroyed\): \S/);
    expect(failureOfCheck(lost)).toMatchObject({ message: expect.stringMatching("device lost"), mayPass: true });
    expect(() => lost.storageBuffer("next", 16)).toThrow("device lost");
    await expect(lost.read(buffer, 0, 16)).rejects.toThrow("device lost");
  });

  it.each(["createShaderModule", "createComputePipelineAsync", "popErrorScope"] as const)(
    "names its loss, not the kernel, when it is lost in the set-up at %s",
    async (call) => {
      const [device] = lostInSetUp.splice(0, 1);
      const { gpu } = device;
      const original = gpu[call].bind(gpu) as (...given: unknown[]) => never;
      (gpu as unknown as Record<string, unknown>)[call] = (...given: unknown[]) => {
        gpu.destroy();
        return original(...given);
      };
      const failure = await failureOf(KernelPipeline.create(device, keepBest));
      expect(failure).toBeInstanceOf(DeviceError);
      expect(failure).toMatchObject({
        message: expect.stringMatching(/: device lost \(destroyed\): \S/),
        mayPass: true,
      });
    },
  );

  it("that rejects a call of the set-up without a loss gives the call's own error", async () => {
    const { gpu } = whole;
    const rejected = gpu.popErrorScope;
    gpu.popErrorScope = async () => {
      await rejected.call(gpu);
      throw new DOMException("the instance was dropped", "OperationError");
    };
    const failure = await failureOf(KernelPipeline.create(whole, keepBest));
    gpu.popErrorScope = rejected;
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as Error).message).toBe(
      `${whole.name}: the compilation of kernel keep_best failed: the instance was dropped`,
    );
    await KernelPipeline.create(whole, keepBest);
  });

  it("that fails to map a buffer says what was read", async () => {
    const staging = whole.gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const first = whole.mapped(staging, "the losses");
    staging.destroy();
    await expect(first).rejects.toBeInstanceOf(DeviceError);
    await expect(first).rejects.toThrow(`${whole.name}: reading the losses failed: `);
    whole.check();
  });

  it("that an adapter refuses to give is an error of the device", async () => {
    const refused = new Error("too many devices");
    const adapter = Object.assign(Object.create(whole.owners[1]), { requestDevice: () => Promise.reject(refused) });
    for (const gpu of [{ requestAdapter: async () => adapter }, { requestAdapter: () => Promise.reject(refused) }]) {
      const failure = await failureOf(Device.open(gpu as unknown as GPU));
      expect(failure).toBeInstanceOf(DeviceError);
      expect((failure as Error).message).toMatch(/too many devices$/);
    }
  });

  it("rejects a pending read when it is closed, and every call after", async () => {
    const buffer = closed.storageBuffer("numbers", 16);
    const reading = failureOf(closed.read(buffer, 0, 16));
    closed.destroy();
    const failure = await reading;
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as Error).message).toBe(`${closed.name}: the device is closed`);
    await expect(closed.read(buffer, 0, 16)).rejects.toThrow("the device is closed");
    expect(() => closed.storageBuffer("next", 16)).toThrow("the device is closed");
  });
});

describe("a kernel on a device", () => {
  const snippets = [shared.network, shared.layers];
  const keepBestText = keepBest.sources[2].text;
  const broken: Kernel = {
    ...keepBest,
    name: "broken",
    sources: [
      ...snippets,
      { file: "broken.wgsl", text: keepBestText.replace("tile.x * workgroup_x", "1.5 * workgroup_x") },
    ],
  };

  it("that does not compile throws with its name, file, line and message", async () => {
    const failure = await failureOf(KernelPipeline.create(whole, broken));
    expect(failure).toBeInstanceOf(DeviceError);
    const line = broken.sources[2].text.split("\n").findIndex((text) => text.includes("1.5 * w")) + 1;
    const start = `kernel broken on ${whole.name}: shaders/broken.wgsl:${line}:`;
    expect((failure as Error).message.slice(0, start.length)).toBe(start);
    expect((failure as Error).message).toContain("no matching overload for 'operator *");
    whole.check();
  });

  it("that fails in a shared snippet names the snippet", async () => {
    const text = `fn useless() -> u32 {\n  return 1.5;\n}\n${shared.network.text}`;
    const kernel: Kernel = {
      ...keepBest,
      sources: [{ file: "shared/spoilt.wgsl", text }, ...keepBest.sources.slice(1)],
    };
    await expect(KernelPipeline.create(whole, kernel)).rejects.toThrow("shaders/shared/spoilt.wgsl:2:");
  });

  it("that compiles but makes no pipeline throws too", async () => {
    const kernel: Kernel = { ...keepBest, workgroup: [0, 1] };
    const failure = await failureOf(KernelPipeline.create(whole, kernel));
    expect(failure).toBeInstanceOf(DeviceError);
    expect((failure as Error).message).toContain(`kernel keep_best on ${whole.name}: `);
    whole.check();
  });

  it("with a workgroup above the device's is refused", async () => {
    const most = whole.gpu.limits.maxComputeInvocationsPerWorkgroup;
    await expect(KernelPipeline.create(whole, { ...keepBest, workgroup: [most, 2] })).rejects.toThrow(
      `internal: keep_best: workgroup of ${most} x 2 invocations, the device takes ${most}`,
    );
  });

  it("is refused wrong names, numbers and sizes before it is dispatched", async () => {
    const pipeline = await KernelPipeline.create(whole, keepBest);
    const buffer = whole.storageBuffer("any", fourNetworks);
    // A whole number of tiles, of layers and of vec4f.
    const other = whole.storageBuffer("other", 12 * structOf(keepBest, "layers").sizeBytes);
    const others = { tiles: other, layers: other, parameters: other, bestParameters: other };
    const buffers = { networks: buffer, ...others };
    const list = { firstTile: 0, layers: 1 };
    const bind = (uniform: Record<string, number>, given: Record<string, GPUBuffer>, population = 1) => {
      return () => pipeline.bind(uniform, given, population);
    };
    const { bestParameters: _, ...fewer } = buffers;
    const odd = whole.storageBuffer("odd", 24);
    const most = whole.gpu.limits.maxComputeWorkgroupsPerDimension;
    expect(bind({ ...list, parameters: 1 }, buffers)).toThrow("internal: keep_best: uniform tiles is undefined");
    expect(bind({ ...list, tiles: -1 }, buffers)).toThrow("internal: keep_best: uniform tiles is -1");
    expect(bind({ ...list, tiles: 0.5 }, buffers)).toThrow("internal: keep_best: uniform tiles is 0.5");
    expect(bind({ ...list, tiles: 1 }, fewer)).toThrow("internal: keep_best: no buffer for bestParameters");
    expect(bind({ ...list, tiles: 1 }, { ...buffers, parameters: odd })).toThrow(
      "internal: keep_best: parameters of 24 bytes, elements take 16",
    );
    expect(bind({ ...list, tiles: 1 }, buffers, most + 1)).toThrow(
      `internal: keep_best: grid 1 x 1 x ${most + 1}, the device takes ${most} a side`,
    );
    whole.check();
  });

  it("is run by the executor that prepared it, on buffers of its own", async () => {
    const executor = new DeviceExecutor(whole);
    const twins = new TwinExecutor();
    await executor.load([earlyStopping]);
    const uniform = { networks: 1, sums: 1, trainSamples: 1, batch: 1, validationSamples: 1 };
    const own = executor.createBuffer("own", fourNetworks);
    const foreign = twins.createBuffer("foreign", fourNetworks);
    const prepare = (buffers: typeof own) => {
      return executor.prepare(
        earlyStopping,
        uniform,
        { networks: buffers, scoreSums: own, keptScoreSums: own, curves: own, marks: own },
        1,
      );
    };
    expect(() => prepare(foreign)).toThrow("internal: buffer foreign belongs to another executor");
    expect(() => twins.run([prepare(own)])).toThrow("internal: a call prepared by another executor");
    expect(() =>
      executor.prepare(
        keepBest,
        { firstTile: 0, tiles: 1, layers: 1 },
        { networks: own, tiles: own, layers: own, parameters: own, bestParameters: own },
        1,
      ),
    ).toThrow("internal: kernel keep_best was not loaded");
    executor.destroy();
  });
});

describe("a process", () => {
  /** Opens, uses and closes a device, and does nothing to end itself. */
  const command = `
    import { create, globals } from "webgpu";
    import { Device } from "./src/device/device.ts";
    Object.assign(globalThis, globals);
    const device = await Device.open(create([]));
    const buffer = device.storageBuffer("numbers", 16);
    device.gpu.queue.writeBuffer(buffer, 0, Uint32Array.of(7, 8));
    console.log([...new Uint32Array(await device.read(buffer, 0, 8))].join());
    device.destroy();
  `;
  const cache = join(packageRoot(), ".cache");
  let folder: string;
  beforeAll(async () => {
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "test-exit-"));
    await build({
      stdin: { contents: command, resolveDir: packageRoot(), loader: "ts" },
      outfile: join(folder, "command.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("that used a device and closed it ends by itself", async () => {
    const child = spawn(process.execPath, [join(folder, "command.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const deadline = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const ended = await new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
    clearTimeout(deadline);
    expect({ ended, output }).toEqual({ ended: 0, output: "7,8\n" });
  });
});
