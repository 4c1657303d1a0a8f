import type { Device } from "../../src/device/device.ts";

/** Counts the buffers of devices: those that were created and not yet destroyed. */
export class BufferCount {
  /** Of all devices that were opened. */
  alive = 0;
  created = 0;

  /** Counts what is created on a device from now on. Its end does not count as the destruction of its buffers. */
  watch(device: Device): Device {
    const { gpu } = device;
    const createBuffer = gpu.createBuffer.bind(gpu);
    gpu.createBuffer = (descriptor) => {
      const buffer = createBuffer(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      let isAlive = true;
      this.alive++;
      this.created++;
      buffer.destroy = () => {
        if (isAlive) this.alive--;
        isAlive = false;
        return destroy();
      };
      return buffer;
    };
    return device;
  }
}
