import { expect, it } from "vitest";
import { uploadDataset } from "../../../src/engine/shared/dataset_memory.ts";
import { TwinExecutor } from "../../../src/engine/shared/twin_executor.ts";
import { Population, PopulationSizes } from "../../../src/engine/tiled/population.ts";
import { prepareFixedCalls, prepareProgram, trainingKernels } from "../../../src/engine/tiled/program.ts";
import { batch, dataset, shape } from "../small_networks.ts";

it("issues the kernels that networks need and no others", async () => {
  const executor = new TwinExecutor();
  // Of the second shape, the gradients of layer 1 have 64 wide tiles.
  const large = [4, 540, 480, 2];
  const sizes = new PopulationSizes({ shapes: [shape, large], dataset, batch, slots: 3, sparseUpTo: 0.5 });
  const population = new Population(executor, sizes, uploadDataset(executor, dataset));
  await executor.load(trainingKernels(sizes));
  const fixed = prepareFixedCalls(population);
  const named = (training: readonly (readonly number[] | undefined)[], keepsBest = true, ownShape = shape) => {
    const networks = training.map((edges, slot) => ({ slot, shape: ownShape, keepsBest, edges }));
    const { step, evaluation } = prepareProgram(population, fixed, networks);
    return [step, evaluation].map((calls) => calls.map(({ kernel }) => kernel.name).join(" "));
  };
  const layers = (kernel: string, count = 3) => Array(count).fill(kernel).join(" ");
  const passes = (kind: string) => [layers(`${kind}_forward`), layers(`${kind}_backward`, 2), layers(`${kind}_update`)];
  for (const [kind, training] of [
    ["dense", [undefined, undefined]],
    ["sparse", [[5, 6, 7]]],
  ] as const) {
    const [forward, backward, update] = passes(kind);
    expect(named(training)).toEqual([
      `gather_batch ${forward} task_loss ${backward} ${update}`,
      `${forward} task_loss check_finite early_stopping keep_best`,
    ]);
    expect(named(training, false)[1]).toBe(`${forward} task_loss check_finite early_stopping`);
    expect(named(training, true, large)[0]).toBe(`gather_batch ${forward} task_loss ${backward} ${update}`);
  }
  expect(named([undefined, [5, 6, 7]])[0].match(/dense_\w+ sparse_\w+/g)).toHaveLength(8);

  // Wide and sliced tiles of one layer are two calls.
  const mixed = [shape, large].map((own, slot) => ({ slot, shape: own, keepsBest: false, edges: undefined }));
  const { step } = prepareProgram(population, fixed, mixed);
  expect(step.filter(({ kernel }) => kernel.name === "dense_update")).toHaveLength(4);
  expect(step.filter(({ kernel }) => kernel.name === "dense_forward")).toHaveLength(3);
});

it("lists every tile of every network once, the networks of one call side by side", () => {
  const executor = new TwinExecutor();
  const shapes = [shape, [4, 70, 33, 2]];
  const sizes = new PopulationSizes({ shapes, dataset, batch, slots: 2 });
  const population = new Population(executor, sizes, uploadDataset(executor, dataset));
  let list: Uint32Array = new Uint32Array();
  executor.write = (target, data) => {
    if (target.label === "tiles") list = new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  };
  const networks = shapes.map((own, slot) => ({ slot, shape: own, keepsBest: false, edges: undefined }));
  prepareProgram(population, prepareFixedCalls(population), networks);
  // Forward through layer 0, sliced: 64 samples are 2 tiles wide; 70 outputs are 3 tiles and 13 are one.
  const expected = [0, 1, 2].flatMap((y) => [0, 1].map((x) => [1, x, y]));
  expect(list.slice(0, 24)).toEqual(Uint32Array.from([...expected, [0, 0, 0], [0, 1, 0]].flat()));
  const need = networks.map((network) => sizes.need(network, 0, 0).tiles);
  expect(list.length).toBe(3 * (need[0] + need[1]));
});
