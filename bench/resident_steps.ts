import { StructArray } from "../src/base/struct_array.ts";
import { moonsCircles } from "../src/dataset/moons_circles.ts";
import type { Device } from "../src/device/device.ts";
import { openNodeDevice } from "../src/device/node.ts";
import { residentWorkgroup } from "../src/engine/adapter/adapter_engine.ts";
import { graphSize, residentGraph } from "../src/engine/resident/graph.ts";
import { ResidentPopulation, ResidentSizes } from "../src/engine/resident/population.ts";
import { uploadDataset } from "../src/engine/shared/dataset_memory.ts";
import { DeviceExecutor } from "../src/engine/shared/device_executor.ts";
import { Memory } from "../src/engine/shared/memory.ts";
import { pathMask } from "../src/mask/path_mask.ts";
import { initialParameters } from "../src/network/initial.ts";

const batch = 64;
/** Time of the timed dispatch in ms: long enough for any clock of a device. */
const leastMs = 20;

/** Shape and number of kept weights, on paths from inputs to outputs. */
const networks = [
  [[4, 57, 57, 2], 3591],
  [[4, 57, 57, 2], 112],
  [[4, 70, 70, 2], 5320],
  [[4, 178, 178, 2], 32_000],
  [[4, 178, 178, 2], 8000],
  [[4, 178, 178, 2], 2000],
] as const;

const populations = [1, 132, 264, 1056];
/** A software adapter takes minutes for more than the small ones, one at a time. */
const onSoftware = { networks: networks.slice(0, 2), populations: [1] };

/**
 * Device time of a network-step of the resident kernel, by timestamps, with the validation of 1,000 samples after every
 * 16 steps: for several shapes, numbers of weights and populations. Each figure has a device of its own, since a GPU
 * lowers its clock while it waits for the host.
 */
export async function benchResidentSteps(): Promise<string[]> {
  const first = await openNodeDevice();
  const { kind, name } = first;
  first.destroy();
  const chosen = kind === "gpu" ? { networks, populations } : onSoftware;
  const lines = [
    `resident kernel on ${name}, us of device time per network-step`,
    `shape              weights${chosen.populations.map((count) => `of ${count}`.padStart(11)).join("")}`,
  ];
  for (const [shape, weights] of chosen.networks) {
    const cells = [];
    for (const count of chosen.populations) {
      const device = await openNodeDevice();
      try {
        cells.push((await stepUs(device, [...shape], weights, count)).toFixed(3).padStart(11));
      } finally {
        device.destroy();
      }
    }
    lines.push(`(${shape})`.padEnd(19) + String(weights).padStart(7) + cells.join(""));
  }
  return lines;
}

async function stepUs(device: Device, shape: number[], weights: number, count: number): Promise<number> {
  const dataset = moonsCircles(0);
  const executor = new DeviceExecutor(device);
  const plan = { dataset, batch, shapes: [shape], mostEdges: weights, slots: count, ...residentWorkgroup(device) };
  const sizes = new ResidentSizes(plan);
  const population = new ResidentPopulation(executor, sizes, uploadDataset(executor, dataset));
  const { networkStruct } = sizes;
  const graph = residentGraph(shape, pathMask(shape, weights));
  const memory = new Memory(sizes.memory);
  const all = new StructArray(networkStruct, new ArrayBuffer(count * networkStruct.sizeBytes));
  for (let slot = 0; slot < count; slot++) {
    const place = await memory.take(sizes.need(graph, batch), 0);
    population.place({ slot, graph, initial: initialParameters(shape, 0).values, batch, place });
    const endless = { maxEpochs: 1e9, patience: 1e9, running: 1, warmupSteps: 1, learningRate: 0.001 };
    for (const [field, value] of Object.entries({ seed: slot, ...endless })) all.set(slot, field, value);
  }
  executor.write(population.buffers.networks, new Uint8Array(all.bytes));
  const { areInStorage, vectors } = sizes.rows(graphSize(graph), batch);
  const { placements, graph: lists, networks, parameters, tallies, curves, rows } = population.buffers;
  const bound = { placements, data: population.data, graph: lists, networks, parameters, tallies, curves };
  await executor.load([areInStorage ? sizes.kernel : sizes.kernelInWorkgroup(vectors)]);
  const prepare = (work: number) =>
    areInStorage
      ? executor.prepare(sizes.kernel, { work }, { ...bound, rows }, count)
      : executor.prepare(sizes.kernelInWorkgroup(vectors), { work }, bound, count);
  const steps = async () => {
    const read = new StructArray(networkStruct, await executor.read(networks, 0, networks.sizeBytes));
    return Array.from({ length: count }, (_, slot) => read.get(slot, "step")).reduce((sum, step) => sum + step, 0);
  };
  // The first dispatch warms up: a software adapter compiles in it.
  const first = prepare(1);
  executor.run([first]);
  await executor.read(networks, 0, 4);
  first.destroy();
  for (let work = 2 ** 8; ; work *= 4) {
    const call = prepare(work);
    const before = await steps();
    const [{ begin, end }] = await executor.runTimed([call], [1]);
    const us = Number(end - begin) / 1000;
    call.destroy();
    if (us >= leastMs * 1000 || work >= 2 ** 29) return us / ((await steps()) - before);
  }
}
