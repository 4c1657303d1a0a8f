import { formatShape, type Shape } from "../src/base/shape.ts";
import { caseDataset, type ShapeCase, shapeCases } from "../src/benchmark/cases.ts";
import { benchmarkJob } from "../src/benchmark/check.ts";
import { kernelSize, kernelTraits } from "../src/benchmark/kernel_work.ts";
import { spreadOf } from "../src/benchmark/statistics.ts";
import { TimingExecutor } from "../src/benchmark/timing_executor.ts";
import { openNodeDevice } from "../src/device/node.ts";
import { DeviceExecutor } from "../src/engine/shared/device_executor.ts";
import { planPopulation } from "../src/engine/tiled/population.ts";
import { TiledEngine } from "../src/engine/tiled/tiled_engine.ts";
import { Mask } from "../src/mask/mask.ts";

function caseOf(name: string, shape?: Shape): ShapeCase {
  const found = shapeCases.find((one) => one.name === name);
  if (!found) throw new Error(`no case ${name}`);
  return { ...found, ...(shape && { shape }) };
}

/** Dense networks of one shape: the case, and the number of networks. */
const populations: readonly (readonly [ShapeCase, number])[] = [
  [caseOf("1568,784,392,20"), 3],
  [caseOf("784,300,100,10"), 1],
  [caseOf("4,57,57,2", [4, 178, 178, 2]), 4],
  [caseOf("4,57,57,2", [4, 1310, 1310, 2]), 4],
];

/**
 * Device time of every call of a dense step and of a validation, by timestamps: the products of large images and of
 * the largest networks of the thesis' extensions. For a GPU; each population has a device of its own, since a GPU lowers
 * its clock while it waits for the host.
 */
export async function benchTiledSteps(): Promise<string[]> {
  const lines: string[] = [];
  for (const [one, count] of populations) {
    const device = await openNodeDevice();
    try {
      const { shape, batch } = one;
      const dataset = caseDataset(one, true);
      const { plan } = planPopulation({ dataset, batch }, [{ shape, count }]);
      const executor = new TimingExecutor(new DeviceExecutor(device), kernelTraits);
      const engine = await TiledEngine.open(executor, plan);
      const mask = Mask.full(shape);
      const jobs = (epochs: number) =>
        Array.from({ length: count }, (_, seed) => benchmarkJob({ shape, batch }, mask, seed, epochs));
      // The first epoch determines the repeats of each call.
      for (const epochs of [1, 2]) {
        const all = jobs(epochs);
        await executor.takeTimes();
        executor.epochsToTime = epochs;
        await Promise.all(all.map(async (job) => (await engine.train(job)).release()));
      }
      const times = new Map<string, number[]>();
      for (const { kernel, uniform, ns } of await executor.takeTimes()) {
        const call = `${kernel.name} ${kernelSize(kernel, uniform, mask)}`;
        times.set(call, [...(times.get(call) ?? []), ...ns.map((value) => value / 1000)]);
      }
      lines.push(`${formatShape(shape)} dense x ${count}, batch ${batch}, on ${device.name}: us of device time a call`);
      for (const [call, us] of times) {
        if (us.length > 0) lines.push(`  ${call}: ${spreadOf(us).median.toFixed(1)}`);
      }
      engine.close();
      executor.destroy();
    } finally {
      device.destroy();
    }
  }
  return lines;
}
