import { StructArray } from "../src/base/struct_array.ts";
import { spreadOf } from "../src/benchmark/statistics.ts";
import type { Device } from "../src/device/device.ts";
import { DeviceExecutor } from "../src/engine/shared/device_executor.ts";
import { denseForward } from "../src/kernels/dense_forward.ts";
import { reflect } from "../src/kernels/reflect.ts";

/** Side of the dense product. */
const side = 1024;

/** Times the forward kernel on a product of 1024 x 1024 x 1024, after a check of some entries. */
export async function benchDenseForward(device: Device): Promise<string[]> {
  const executor = new DeviceExecutor(device);
  await executor.load([denseForward]);
  try {
    const weights = Float32Array.from({ length: side * side + side }, (_, i) =>
      i < side * side ? ((i * 7) % 11) - 5 : 0,
    );
    const inputs = Float32Array.from({ length: side * side }, (_, i) => ((i * 5) % 13) / 8 - 0.75);
    const struct = reflect(denseForward).storage.find(({ name }) => name === "networks")?.struct;
    if (!struct) throw new Error("dense_forward has no networks");
    const network = new StructArray(struct, new ArrayBuffer(struct.sizeBytes));
    network.set(0, "running", 1);
    const buffers = {
      networks: executor.createBuffer("networks", network.bytes.byteLength),
      parameters: executor.createBuffer("parameters", weights.byteLength),
      inputs: executor.createBuffer("inputs", inputs.byteLength),
      outputs: executor.createBuffer("outputs", inputs.byteLength),
    };
    executor.write(buffers.networks, new Uint8Array(network.bytes));
    executor.write(buffers.parameters, weights);
    executor.write(buffers.inputs, inputs);
    const call = executor.prepare(
      denseForward,
      {
        inputBlocks: side / 4,
        outputs: side,
        quads: side / 4,
        activates: 0,
        weightOffset: 0,
        biasOffset: (side * side) / 4,
        networkParameters: weights.length / 4,
        networkInputs: (side * side) / 4,
        networkOutputs: (side * side) / 4,
      },
      buffers,
      1,
    );
    executor.run([call]);
    const outputs = new Float32Array(await executor.read(buffers.outputs, 0, inputs.byteLength));
    for (let k = 0; k < 64; k++) {
      const [o, s] = [(k * 37) % side, (k * 101) % side];
      let sum = 0;
      for (let i = 0; i < side; i++) sum += weights[o * side + i] * inputs[i * side + s];
      // Entries are multiples of 1/8 and below 2^24 / 8, so every partial sum is exact in f32.
      if (outputs[o * side + s] !== sum) throw new Error(`entry ${o},${s} is ${outputs[o * side + s]}, not ${sum}`);
    }

    // Repeat until a trial is long enough for any clock.
    let repeats = 1;
    const trial = async () => {
      const startedAt = performance.now();
      executor.run(Array(repeats).fill(call));
      await executor.read(buffers.outputs, 0, 16);
      return (performance.now() - startedAt) / repeats;
    };
    while ((await trial()) * repeats < 200) repeats *= 2;
    const times = [];
    for (let k = 0; k < 5; k++) times.push(await trial());
    const gflops = (ms: number) => ((2 * side ** 3) / ms / 1e6).toFixed(2);
    const { median, lowest } = spreadOf(times);
    return [
      `dense product ${side}^3 by dense_forward: median ${median.toFixed(2)} ms = ${gflops(median)} GFLOP/s, best ${gflops(lowest)} GFLOP/s (to reach on lavapipe: 6)`,
    ];
  } finally {
    executor.destroy();
  }
}
