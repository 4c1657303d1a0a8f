import { expect, it } from "vitest";
import { uploadDataset } from "../../../src/engine/shared/dataset_memory.ts";
import { TwinExecutor } from "../../../src/engine/shared/twin_executor.ts";
import { Population, PopulationSizes } from "../../../src/engine/tiled/population.ts";
import { prepareProgram, programNeeds, trainingKernels } from "../../../src/engine/tiled/program.ts";
import { batch, dataset, shape } from "../small_networks.ts";

it("issues the kernels that networks need and no others, over the edges of the network that has most", async () => {
  const executor = new TwinExecutor();
  const sizes = new PopulationSizes({ shape, dataset, batch, slots: 3, sparseUpTo: 0.5 });
  const population = new Population(executor, sizes, uploadDataset(executor, dataset));
  await executor.load(trainingKernels(sizes));
  const named = (training: readonly (readonly number[] | undefined)[]) => {
    const { step, epochEnd } = prepareProgram(population, programNeeds(training));
    return [step, epochEnd].map((calls) => calls.map(({ kernel }) => kernel.name).join(" "));
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
      `${forward} task_loss early_stopping keep_best`,
    ]);
  }
  expect(named([undefined, [5, 6, 7]])[0].match(/dense_\w+ sparse_\w+/g)).toHaveLength(8);

  expect(programNeeds([[5, 1, 7], undefined, [2, 6, 7]])).toEqual({ dense: true, mostEdges: [5, 6, 7] });
  expect(programNeeds([undefined])).toEqual({ dense: true, mostEdges: [] });
});
