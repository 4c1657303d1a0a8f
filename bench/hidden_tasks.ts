import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RandomStream } from "../src/base/random.ts";
import type { Task } from "../src/base/task.ts";
import { agreement, findTasks } from "../src/function/find_tasks.ts";
import { defaultActivation } from "../src/network/activations/index.ts";
import { nodeFiles, readRunFolder, run } from "../src/node.ts";

/** Classifications of a point of [-1, 1]^2, about half of which belong to the class. */
const classifications: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => x * x + y * y < 0.64,
  (x, y) => y > 0.6 * Math.sin(3 * x),
  (x, y) => x * y > 0,
  (x, y) => Math.abs(x - y) < 0.6,
];
const [samples, seeds] = [1500, [0, 1, 2, 3, 4]];

/**
 * How well tasks that are not named are found: 2, 3 and 4 tasks of two inputs each, the columns of which are shuffled; every output is
 * trained as a task with all inputs. The adjusted Rand index against the truth, mean over seeds, for the dense network, for the
 * smallest network that answers every task within its tolerance, and for the last.
 */
export async function benchHiddenTasks(): Promise<string[]> {
  const lines = [
    `hidden tasks: adjusted Rand index of the groups found, mean over ${seeds.length} seeds (and how many were found exactly)`,
    "  tasks  network                  weights    structure   gradients",
  ];
  const folder = await mkdtemp(join(tmpdir(), "split-ticket-hidden-"));
  try {
    for (const tasks of [2, 3, 4]) lines.push(...(await rowsOf(tasks, folder)));
  } finally {
    await rm(folder, { recursive: true });
  }
  return lines;
}

/** A level of a run, compared with the truth. */
interface Compared {
  readonly remaining: number;
  readonly structure: number;
  readonly gradients: number;
}

async function rowsOf(tasks: number, folder: string): Promise<string[]> {
  const { path, truth } = await writeTable(tasks, folder);
  const names = truth.map(({ name }) => name);
  const { experiments } = await run(
    {
      name: `hidden-${tasks}`,
      spec: {
        dataset: path,
        tasks: names.map((name) => `${name}:*:${name}`).join(","),
        ...{ shape: [2 * tasks, 14 * tasks, 14 * tasks, tasks], levels: 12, rate: 0.3 },
        ...{ maxEpochs: 100, batch: 32, lr: 0.003, keepTrained: true, seeds: [...seeds] },
      },
    },
    { device: "cpu", out: join(folder, `runs-${tasks}`) },
  );
  const groups: Record<"dense" | "smallest that wins" | "last", Compared[]> = {
    dense: [],
    "smallest that wins": [],
    last: [],
  };
  for (const { seed, levels } of experiments[0].runs) {
    const path = `${experiments[0].folder}/seed-${seed}`;
    const stored = await readRunFolder(nodeFiles, path);
    const winning = levels.findLastIndex(({ winning }) => winning);
    for (const [name, level] of [
      ["dense", 0],
      ["smallest that wins", winning],
      ["last", levels.length - 1],
    ] as const) {
      const [mask, parameters] = [await stored.readLevelMask(level), await stored.readTrained(level)];
      if (!mask || !parameters) throw new Error(`${path}: level ${level} is not whole`);
      const { structure, gradients } = findTasks(mask, { parameters, activation: defaultActivation });
      groups[name].push({
        remaining: mask.count(),
        structure: agreement(structure.tasks, truth)?.adjustedRand ?? Number.NaN,
        gradients: agreement(gradients?.groups ?? [], truth)?.adjustedRand ?? Number.NaN,
      });
    }
  }
  return Object.entries(groups).map(([name, compared]) => {
    const mean = (of: (one: Compared) => number) => compared.reduce((sum, one) => sum + of(one), 0) / compared.length;
    const cell = (of: (one: Compared) => number) =>
      `${mean(of).toFixed(2)} (${compared.filter((one) => of(one) === 1).length})`.padStart(12);
    const weights = mean(({ remaining }) => remaining).toFixed(0);
    return `  ${String(tasks).padStart(5)}  ${name.padEnd(22)} ${weights.padStart(9)} ${cell((one) => one.structure)}${cell((one) => one.gradients)}`;
  });
}

/** Writes a table of all tasks with its columns in random order; the truth are the columns of each task. */
async function writeTable(tasks: number, folder: string): Promise<{ path: string; truth: readonly Task[] }> {
  const random = new RandomStream(tasks, "datasetPoints");
  const order = Array.from(random.shuffled(2 * tasks));
  const names = Array.from({ length: tasks }, (_, task) => `t${task}`);
  const lines = [[...order.map((_, column) => `x${column}`), ...names].join()];
  for (let sample = 0; sample < samples; sample++) {
    const point = Array.from(order, () => 2 * random.nextUniform() - 1);
    const classes = names.map((_, task) => Number(classifications[task](point[2 * task], point[2 * task + 1])));
    lines.push([...order.map((column) => point[column].toFixed(6)), ...classes].join());
  }
  const path = join(folder, `tasks-${tasks}.csv`);
  await writeFile(path, `${lines.join("\n")}\n`);
  const truth = names.map((name, task): Task => {
    const inputs = order.flatMap((column, at) => (Math.floor(column / 2) === task ? [at] : []));
    return { name, kind: "binary", inputs, outputs: { start: task, count: 1 } };
  });
  return { path, truth };
}
