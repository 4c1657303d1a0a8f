import { availableParallelism } from "node:os";
import { formatSeconds, inThousands } from "../src/base/format.ts";
import { parseTasks } from "../src/dataset/tasks.ts";
import { pathMask } from "../src/mask/path_mask.ts";
import { initialDistribution } from "../src/nulls/initial_distribution.ts";
import { nullModels } from "../src/nulls/models.ts";
import { testNulls } from "../src/nulls/null_test.ts";
import { plainValues } from "../src/nulls/plain.ts";
import { type NullPlan, preparationStream, ticketKey } from "../src/nulls/plan.ts";
import { NullStructure } from "../src/nulls/structure.ts";
import { NullThreads } from "../src/nulls/threads.ts";
import { startNodeNullThread } from "../src/nulls/worker/node.ts";

const shape = [4, 57, 57, 2];
const weights = 112;
const count = 10_000;
/** The plain way is measured on fewer, and told for as many. */
const plainCount = 100;

/** Null models of a ticket of 112 weights in (4,57,57,2), 10,000 masks each, all statistics: on all cores, on this thread, and plainly. */
export async function benchNulls(): Promise<string[]> {
  const mask = pathMask(shape, weights);
  const tasks = parseTasks("circles:2:1,moons:2:1");
  const initial = initialDistribution(shape, {});
  const request = { mask, tasks, coverage: "total", initial, count } as const;
  const cores = availableParallelism();
  const timed = async (work: () => unknown) => {
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    await work();
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - started, cpuMs: (user + system) / 1000 };
  };
  // Of all threads, so that other load on the machine changes it little.
  const told = ({ ms, cpuMs }: { ms: number; cpuMs: number }) =>
    `${formatSeconds(ms)} (${formatSeconds(cpuMs)} of processors)`;
  const onCores = await timed(async () => {
    const threads = new NullThreads(startNodeNullThread, cores).begin();
    try {
      await testNulls(request, threads.measure);
    } finally {
      threads.close();
    }
  });
  const here = await timed(() => testNulls(request));
  const lines = [
    `nulls: ${inThousands(count)} masks of each of ${nullModels.names.length} models, ${weights} weights in (${shape})`,
    `  ${cores} threads, their start included: ${told(onCores)}`,
    `  this thread: ${told(here)}`,
  ];
  for (const { name, prepare, purpose } of nullModels.entries) {
    const stream = preparationStream(purpose, 0, ticketKey(shape, mask.words));
    const preparation = prepare({ mask, initial }, stream, new NullStructure(shape, tasks, "total"));
    const plan: NullPlan = {
      shape,
      words: mask.words,
      initial,
      tasks,
      coverage: "total",
      seed: 0,
      preparations: { [name]: preparation },
    };
    const fast = await timed(() => testNulls({ ...request, models: [name] }));
    const plain = await timed(() => {
      for (let each = 0; each < plainCount; each++) plainValues(plan, name, each);
    });
    const plainAll = (plain.cpuMs * count) / plainCount;
    lines.push(
      `  ${name}: ${formatSeconds(fast.cpuMs)} of a processor, plainly ${formatSeconds(plainAll)} (${(plainAll / fast.cpuMs).toFixed(0)} times)`,
    );
  }
  return lines;
}
