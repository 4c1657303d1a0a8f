import { DeviceError, InputError, invariant } from "../base/errors.ts";
import { type AdapterKind, adapterKind, adapterName } from "./adapter_kind.ts";

/** Requirements of a run on an adapter beyond WebGPU's defaults. */
export interface DeviceRequest {
  /** Refuse an adapter of the other kind. */
  readonly accept?: AdapterKind | "any";
  /** Bytes of the largest storage buffer; the default limit of 128 MiB is raised only where this asks for it. */
  readonly largestBindingBytes?: number;
}

/** Lanes of an adapter that does not report them: the smallest number that WebGPU allows. */
const leastLanes = 4;

/** What a device has reported. */
interface Failure {
  readonly text: string;
  readonly mayPass: boolean;
}

/** Maximum number of failures that are kept; a device may report the same thousands of times. */
const mostFailures = 3;

/**
 * An open WebGPU device that hides no failure: uncaptured errors and device loss are stored and thrown at the next
 * call, and always before a result is returned. The caller destroys the buffers that it creates; {@link destroy} ends
 * the rest.
 */
export class Device {
  /** The first failures, which are the cause of others. */
  readonly #failures: Failure[] = [];
  #isDestroyed = false;
  readonly #onUncaptured = (event: Event) => {
    const { error } = event as GPUUncapturedErrorEvent;
    this.#fail(error.message, !(error instanceof GPUValidationError));
  };

  private constructor(
    /** Referenced because Dawn aborts the process when the instance or adapter is collected while a map is pending. */
    readonly owners: readonly [GPU, GPUAdapter],
    readonly gpu: GPUDevice,
    readonly kind: AdapterKind,
    /** Name of the adapter for people: `SwiftShader driver 5.0.0`. */
    readonly name: string,
    /** Invocations that the adapter executes at the same time: lanes of a subgroup. */
    readonly lanes: number,
    /** Bytes of memory that the invocations of a workgroup share: as much as the adapter offers. */
    readonly workgroupBytes: number,
    /** Awaits a read or a compilation in the way that suits the platform. */
    readonly during: <T>(pending: Promise<T>) => Promise<T>,
  ) {
    gpu.addEventListener("uncapturederror", this.#onUncaptured);
    gpu.lost.then((loss) => {
      if (!this.#isDestroyed) this.#fail(`device lost (${loss.reason}): ${loss.message}`, true);
    });
  }

  /**
   * Opens the adapter that `gpu` prefers.
   * @param during awaits every read and compilation in the way that suits the platform
   * @throws InputError when there is no adapter, it is of the wrong kind, or it lacks a limit, which is named;
   * DeviceError when the adapter gives no device
   */
  static async open(
    gpu: GPU,
    request: DeviceRequest = {},
    during: <T>(pending: Promise<T>) => Promise<T> = (pending) => pending,
  ): Promise<Device> {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch((error: Error) => {
      throw new DeviceError(`the search for a WebGPU adapter failed: ${error.message}`);
    });
    if (!adapter) {
      throw new InputError("no WebGPU adapter: `split-ticket doctor` shows what was searched; --device cpu needs none");
    }
    const kind = adapterKind(adapter.info);
    const name = adapterName(adapter.info);
    const accept = request.accept ?? "any";
    if (accept !== "any" && accept !== kind) {
      throw new InputError(`adapter ${name} is ${kind}, --device asks for ${accept}: choose --device ${kind} or auto`);
    }
    // The default is 16 KiB. The resident kernel keeps larger networks in more, and does without where there is none.
    const workgroupBytes = adapter.limits.maxComputeWorkgroupStorageSize;
    const requiredLimits: Record<string, number> = { maxComputeWorkgroupStorageSize: workgroupBytes };
    const bytes = request.largestBindingBytes ?? 0;
    for (const [limit, standard] of [
      ["maxStorageBufferBindingSize", 128 * 2 ** 20],
      ["maxBufferSize", 256 * 2 ** 20],
    ] as const) {
      if (bytes <= standard) continue;
      if (adapter.limits[limit] < bytes) {
        throw new InputError(
          `adapter ${name} lacks ${limit}: the run needs ${bytes}, it offers ${adapter.limits[limit]}; choose a smaller shape, fewer samples or --device cpu`,
        );
      }
      requiredLimits[limit] = bytes;
    }
    const requiredFeatures: GPUFeatureName[] = adapter.features.has("timestamp-query") ? ["timestamp-query"] : [];
    const device = await adapter
      .requestDevice({ label: "split-ticket", requiredLimits, requiredFeatures })
      .catch((error: Error) => {
        throw new DeviceError(`adapter ${name} gives no device: ${error.message}`);
      });
    const lanes = adapter.info.subgroupMaxSize ?? leastLanes;
    return new Device([gpu, adapter], device, kind, name, lanes, workgroupBytes, during);
  }

  /** Throws a DeviceError when the device was lost, closed or has reported an error. */
  check(): void {
    if (this.#failures.length === 0) return;
    throw new DeviceError(
      `${this.name}: ${this.#failures.map(({ text }) => text).join("; ")}`,
      this.#failures.some(({ mayPass }) => mayPass),
    );
  }

  /** Waits briefly for a loss: a lost device rejects calls before it reports the loss, whose message says more. */
  async lostSoon(): Promise<void> {
    await Promise.race([this.gpu.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
  }

  /**
   * The error of a call that the device has rejected.
   * @param what names the call: `reading the losses`
   * @returns the failures of the device, if it has reported any by now, else the call's own error
   */
  async failed(error: unknown, what: string): Promise<DeviceError> {
    await this.lostSoon();
    try {
      this.check();
    } catch (failure) {
      if (failure instanceof DeviceError) return failure;
    }
    // Dawn rejects some calls with an error that has no message.
    const { message, name } = error as Error;
    return new DeviceError(`${this.name}: ${what} failed: ${message || name}`);
  }

  #fail(text: string, mayPass: boolean): void {
    const isKnown = this.#failures.some((failure) => failure.text === text.trim());
    if (!isKnown && this.#failures.length < mostFailures) this.#failures.push({ text: text.trim(), mayPass });
  }

  /** A buffer for storage, filled with zeros, that can be copied from and to. */
  storageBuffer(label: string, sizeBytes: number): GPUBuffer {
    this.check();
    const limit = this.gpu.limits.maxStorageBufferBindingSize;
    invariant(sizeBytes <= limit, `buffer ${label} of ${sizeBytes} bytes, the device was opened for ${limit}`);
    return this.gpu.createBuffer({
      label,
      size: sizeBytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
  }

  /** Copies a range of a buffer back to the host, after everything submitted so far. */
  async read(source: GPUBuffer, offsetBytes: number, sizeBytes: number): Promise<ArrayBuffer> {
    this.check();
    const staging = this.gpu.createBuffer({
      label: `readback of ${source.label}`,
      size: sizeBytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.gpu.createCommandEncoder({ label: `readback of ${source.label}` });
      encoder.copyBufferToBuffer(source, offsetBytes, staging, 0, sizeBytes);
      this.gpu.queue.submit([encoder.finish()]);
      return await this.mapped(staging, source.label);
    } finally {
      staging.destroy();
    }
  }

  /**
   * The content of a buffer that can be mapped, after everything submitted so far. The buffer is unmapped afterwards.
   * @param what names the content in errors
   */
  async mapped(staging: GPUBuffer, what: string): Promise<ArrayBuffer> {
    try {
      await this.during(staging.mapAsync(GPUMapMode.READ));
      this.check();
      const content = staging.getMappedRange().slice(0);
      staging.unmap();
      return content;
    } catch (error) {
      throw error instanceof DeviceError ? error : await this.failed(error, `reading ${what}`);
    }
  }

  /** Ends the device; the process can exit. Pending reads are rejected, and every later call throws. */
  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#fail("the device is closed", false);
    // Dawn for Node holds a device's listeners by references that no garbage collection ends. This one holds the device,
    // so that with it a closed device kept its compiled kernels: 200 MB and a thread each on SwiftShader.
    this.gpu.removeEventListener("uncapturederror", this.#onUncaptured);
    this.gpu.destroy();
  }
}
