import { describe, expect, it } from "vitest";
import { RandomStream } from "../../src/base/random.ts";
import { layerCount, type Shape } from "../../src/base/shape.ts";
import { StructArray } from "../../src/base/struct_array.ts";
import type { Dataset, Split } from "../../src/dataset/dataset.ts";
import { residentGraph } from "../../src/engine/resident/graph.ts";
import { type ResidentPlan, ResidentPopulation, ResidentSizes } from "../../src/engine/resident/population.ts";
import { uploadDataset } from "../../src/engine/shared/dataset_memory.ts";
import type { Executor } from "../../src/engine/shared/executor.ts";
import { TwinExecutor } from "../../src/engine/shared/twin_executor.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { expectClose, expectSameBits, useDeviceExecutor } from "./harness.ts";

const device = useDeviceExecutor();
const twin = new TwinExecutor();

/** Two tasks, one binary and one of three classes; bytes or floats; an input that is constant. */
function drawnDataset(samples: number, bytes: boolean): Dataset {
  const stream = new RandomStream(8, "datasetPoints");
  const split = (count: number): Split => ({
    samples: count,
    features: bytes
      ? Uint8Array.from({ length: count * 5 }, () => stream.nextWord() & 255)
      : Float32Array.from({ length: count * 5 }, () => stream.nextNormal() * 60 + 128),
    labels: Uint32Array.from({ length: 2 * count }, (_, i) => stream.nextWord() % (i < count ? 2 : 3)),
  });
  return {
    name: "drawn",
    tasks: [
      { name: "binary", kind: "binary", inputs: { start: 0, count: 2 }, outputs: { start: 0, count: 1 } },
      { name: "three", kind: "multiclass", inputs: { start: 2, count: 3 }, outputs: { start: 1, count: 3 } },
    ],
    coverage: "total",
    inputs: 5,
    outputs: 4,
    train: split(samples),
    validation: split(Math.ceil(samples / 2)),
    mean: Float32Array.of(128, 120, 140, 128, 128),
    scale: Float32Array.of(1 / 64, 1 / 70, 1 / 55, 1 / 64, 0),
  };
}

function randomMask(shape: Shape, density: number, seed: number): Mask {
  const stream = new RandomStream(seed, "randomPruning");
  const mask = Mask.full(shape);
  for (let layer = 0; layer < layerCount(shape); layer++) {
    for (let o = 0; o < shape[layer + 1]; o++) {
      for (let i = 0; i < shape[layer]; i++) if (stream.nextUniform() >= density) mask.set(layer, o, i, false);
    }
  }
  return mask;
}

interface Member {
  readonly shape: Shape;
  readonly density: number;
  readonly batch: number;
  readonly seed: number;
  readonly network?: Readonly<Record<string, number>>;
}

const fresh = {
  level: 3,
  optimizer: 0,
  learningRate: 0.01,
  maxEpochs: 50,
  patience: 50,
  keepBest: 0,
  running: 1,
  bestValidationLoss: 3.4e38,
};

/** Trains a population for some dispatches and reads all that they change. */
async function train(
  executor: Executor,
  plan: Omit<ResidentPlan, "slots" | "shapes" | "batch">,
  members: readonly Member[],
  steps: readonly number[],
) {
  const sizes = new ResidentSizes({
    ...plan,
    slots: members.length,
    shapes: members.map(({ shape }) => shape),
    batch: Math.max(...members.map(({ batch }) => batch)),
  });
  const population = new ResidentPopulation(executor, sizes, uploadDataset(executor, plan.dataset));
  await executor.load([sizes.kernel]);
  // What other networks left in the slots must not matter.
  const { parameters: left } = population.buffers;
  executor.write(left, new Float32Array(left.sizeBytes / 4).fill(7));
  const networks = new StructArray(
    sizes.networkStruct,
    new ArrayBuffer(members.length * sizes.networkStruct.sizeBytes),
  );
  members.forEach(({ shape, density, batch, seed, network }, slot) => {
    const graph = residentGraph(shape, randomMask(shape, density, seed), plan.compact);
    population.place(slot, graph, initialParameters(shape, seed).values, batch);
    for (const [field, value] of Object.entries({ seed, ...fresh, ...network })) networks.set(slot, field, value);
    // One unit of work is one step.
    executor.write(
      population.buffers.placements,
      Uint32Array.of(1),
      slot * sizes.placementStruct.sizeBytes + sizes.placementStruct.fields.stepWork.offsetBytes,
    );
  });
  executor.write(population.buffers.networks, new Uint8Array(networks.bytes));
  const { data } = population;
  const { placements, graph, parameters, activations, tallies } = population.buffers;
  const buffers = {
    placements,
    data,
    graph,
    networks: population.buffers.networks,
    parameters,
    activations,
    tallies,
  };
  for (const work of steps) {
    const call = executor.prepare(sizes.kernel, { work }, buffers, members.length);
    executor.run([call]);
  }
  const read = async (name: string) => executor.read(population.buffers[name], 0, population.buffers[name].sizeBytes);
  const floats = async (name: string) => new Float32Array(await read(name));
  return {
    sizes,
    networks: new StructArray(sizes.networkStruct, await read("networks")),
    parameters: await floats("parameters"),
    tallies: await floats("tallies"),
  };
}

type Trained = Awaited<ReturnType<typeof train>>;

/** A network's part of a buffer. */
const part = (trained: Trained, buffer: "parameters" | "tallies", slot: number) => {
  const length = trained.sizes[buffer] * (buffer === "parameters" ? 4 : 1);
  return trained[buffer].subarray(slot * length, (slot + 1) * length);
};

/** Sums over the cells of each kind of tally, after the kept counts. */
function tallySums(trained: Trained, slot: number): { kept: number[]; sums: number[] } {
  const all = [...part(trained, "tallies", slot)];
  const cells = trained.sizes.kernel.workgroup[0] * trained.sizes.kernel.workgroup[1];
  const sums = Array.from({ length: 4 }, (_, kind) =>
    all.slice(2 + kind * cells, 2 + (kind + 1) * cells).reduce((sum, value) => sum + value, 0),
  );
  return { kept: all.slice(0, 2), sums };
}

async function compare(
  dataset: Dataset,
  members: readonly Member[],
  steps: readonly number[],
  workgroup: readonly [number, number] = [8, 1],
) {
  const plan = { dataset, workgroup };
  const [onDevice, onTwin] = [await train(device(), plan, members, steps), await train(twin, plan, members, steps)];
  members.forEach(({ network }, slot) => {
    const total = onTwin.networks.get(slot, "step");
    const rate = network?.learningRate ?? fresh.learningRate;
    for (const field of ["step", "epochs", "epochsSinceBest", "improved", "running", "keptEpoch"]) {
      expect(onDevice.networks.get(slot, field), `network ${slot}: ${field}`).toBe(onTwin.networks.get(slot, field));
    }
    for (const field of ["trainLoss", "validationLoss", "keptTrainLoss", "keptValidationLoss"]) {
      expect(onDevice.networks.get(slot, field), `network ${slot}: ${field}`).toBeCloseTo(
        onTwin.networks.get(slot, field),
        4,
      );
    }
    // Adam's first steps are lr times a sign, so where a gradient is near 0 rounding may cost a share of a step.
    const bound = () => 0.02 * rate * Math.max(1, total);
    expectClose(part(onDevice, "parameters", slot), part(onTwin, "parameters", slot), bound, `parameters ${slot}`);
    const [a, b] = [tallySums(onDevice, slot), tallySums(onTwin, slot)];
    expect(a.kept).toEqual(b.kept);
    expectClose(a.sums, b.sums, (i) => 1e-3 * (1 + Math.abs(b.sums[i])), `tallies ${slot}`);
  });
  return { onDevice, onTwin };
}

const floats = drawnDataset(70, false);
const bytes = drawnDataset(70, true);

describe("resident_epoch", () => {
  it.each([
    [[5, 4], 1, 16],
    [[5, 1, 4], 1, 16],
    [[5, 3, 5, 4], 1, 13],
    [[5, 9, 6, 4], 1, 70],
    [[5, 9, 6, 4], 0.4, 32],
    [[5, 17, 12, 7, 4], 0.3, 1],
    [[5, 9, 6, 4], 0, 7],
  ] as const)(
    "shape %j, density %d, batch %i: one step, then past the end of an epoch",
    async (shape, density, batch) => {
      const stepsPerEpoch = Math.ceil(70 / batch);
      await compare(floats, [{ shape, density, batch, seed: 5 }], [1]);
      const { onDevice } = await compare(floats, [{ shape, density, batch, seed: 5 }], [stepsPerEpoch + 1]);
      expect(onDevice.networks.get(0, "epochs")).toBe(stepsPerEpoch === 1 ? 2 : 1);
    },
  );

  // The one of software adapters, and the one of GPUs.
  it.each([
    [8, 1],
    [8, 32],
  ] as const)("in workgroups of %i x %i, over bytes", async (x, y) => {
    await compare(bytes, [{ shape: [5, 9, 6, 4], density: 0.7, batch: 33, seed: 2 }], [7], [x, y]);
  });

  it("steps by SGD with momentum", async () => {
    const network = { optimizer: 1, learningRate: 0.05 };
    await compare(floats, [{ shape: [5, 9, 6, 4], density: 0.7, batch: 33, seed: 2, network }], [5]);
  });

  it("keeps the best epoch, counts patience, and rests once the level has ended", async () => {
    const network = { keepBest: 1, patience: 2, learningRate: 0.2 };
    const { onDevice } = await compare(floats, [{ shape: [5, 9, 4], density: 1, batch: 35, seed: 4, network }], [100]);
    const read = (field: string) => onDevice.networks.get(0, field);
    expect([read("running"), read("epochsSinceBest"), read("epochs") - read("keptEpoch")]).toEqual([0, 2, 2]);
    expect(read("step")).toBe(read("epochs") * 2);
    const bundles = onDevice.parameters.length / 16;
    expect([...onDevice.parameters.subarray(bundles * 12)]).not.toEqual([
      ...onDevice.parameters.subarray(0, bundles * 4),
    ]);
    const again = await train(
      device(),
      { dataset: floats },
      [{ shape: [5, 9, 4], density: 1, batch: 35, seed: 4, network }],
      [100, 100],
    );
    expectSameBits(again.parameters, onDevice.parameters, "parameters of a network that rests");
  });

  it("goes on exactly where a dispatch stopped", async () => {
    const members = [{ shape: [5, 9, 6, 4], density: 0.6, batch: 16, seed: 3, network: { maxEpochs: 4 } }];
    const whole = await train(device(), { dataset: floats }, members, [1000]);
    const pieces = await train(device(), { dataset: floats }, members, [1, 4, 5, 1, 7, 1000]);
    expect(whole.networks.get(0, "epochs")).toBe(4);
    for (const buffer of ["parameters", "tallies"] as const) {
      expectSameBits(pieces[buffer], whole[buffer], buffer);
    }
    expectSameBits(pieces.networks, whole.networks, "networks");
  });

  it("trains any mix as it trains each alone, bit for bit", async () => {
    const members: Member[] = [
      { shape: [5, 9, 6, 4], density: 1, batch: 16, seed: 1 },
      { shape: [5, 30, 4], density: 0.2, batch: 70, seed: 2, network: { level: 9, learningRate: 0.1, optimizer: 1 } },
      { shape: [5, 4], density: 1, batch: 3, seed: 3, network: { maxEpochs: 1, keepBest: 1 } },
      { shape: [5, 9, 6, 4], density: 0.5, batch: 64, seed: 4, network: { running: 0 } },
      { shape: [5, 7, 7, 7, 4], density: 0.5, batch: 33, seed: 5, network: { patience: 1 } },
    ];
    const together = await train(device(), { dataset: bytes }, members, [9, 30]);
    for (const [slot, member] of members.entries()) {
      const alone = await train(device(), { dataset: bytes }, [member], [9, 30]);
      for (const buffer of ["parameters", "tallies"] as const) {
        const own = part(alone, buffer, 0);
        expectSameBits(part(together, buffer, slot).slice(0, own.length), own.slice(), `${buffer} of network ${slot}`);
      }
      for (const field of Object.keys(alone.networks.layout.fields)) {
        expect(together.networks.get(slot, field), field).toBe(alone.networks.get(0, field));
      }
    }
  });
});
