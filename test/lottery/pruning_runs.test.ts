import { expect, it } from "vitest";
import { openCpuEngine } from "../../src/engine/cpu/cpu_engine.ts";
import { planCpuEngine } from "../../src/engine/cpu/plan.ts";
import { startNodeThread } from "../../src/engine/cpu/worker/node.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { maskProblem } from "../../src/lottery/check_levels.ts";
import { openDataset } from "../../src/lottery/dataset.ts";
import { runLottery } from "../../src/lottery/lottery.ts";
import { resolveSpec } from "../../src/lottery/spec.ts";
import { verifyRun } from "../../src/lottery/verify_run.ts";
import { Mask } from "../../src/mask/mask.ts";
import { criteria } from "../../src/pruning/criteria.ts";
import { biasesLeft } from "../../src/store/level_record.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { openRunFolder } from "../../src/store/open_run.ts";
import { specHash } from "../../src/store/spec_hash.ts";

const access = {
  idxFile: () => Promise.reject(new Error("no image set here")),
  readFile: () => Promise.reject(new Error("no file here")),
  openFile: () => Promise.reject(new Error("no file here")),
};

const short = { dataset: "moons-circles", shape: [4, 12, 12, 2], samples: 300, maxEpochs: 1, levels: 3, lr: 0.01 };
const program = { version: "1.0.0", numeric: 1, kernels: "0123456789abcdef" };

/** Runs a spec on the CPU in files in memory, and gives its folder and a way to run it again. */
async function lotteryOf(keys: object) {
  const { spec } = resolveSpec({ ...short, ...keys }, "test");
  const dataset = await openDataset(spec, access);
  const limits = { networks: 1, cores: 1, memoryBytes: 2 ** 30 };
  const engine = openCpuEngine(planCpuEngine({ networks: [spec], dataset }, limits, "test"), startNodeThread);
  const json = JSON.parse(JSON.stringify(spec));
  const files = new MemoryFiles();
  const folder = await openRunFolder(files, "runs", {
    ...{ name: "pruning", specHash: specHash(json), seed: 2, executor: "test", spec: json },
    ...{ tasks: dataset.tasks, coverage: dataset.coverage, program },
  });
  const lottery = { experiment: 0, seed: 2, spec, dataset, engine };
  return { engine, lottery, files, folder, play: () => runLottery(lottery, folder) };
}

/** Trains the levels of a run from level 2 on again, and expects the same files. */
async function expectGoesOn({
  files,
  folder,
  play,
}: Pick<Awaited<ReturnType<typeof lotteryOf>>, "files" | "folder" | "play">) {
  const contents = () => files.entries().filter(([path]) => !/timings|run\.json/.test(path));
  const whole = contents();
  await folder.keepLevels(2);
  await play();
  expect(contents()).toEqual(whole);
}

it.each(criteria.names)("a run by %s has masks of the planned counts, one within the other", async (criterion) => {
  const { engine, files, folder, play } = await lotteryOf({ criterion, target: 40 });
  try {
    const { levels } = await play();
    expect(levels.map(({ remaining }) => remaining)).toEqual([216, 123, 70, 40]);
    expect((await verifyRun(files, folder.path)).problems).toEqual([]);
  } finally {
    engine.close();
  }
});

it.each([
  { target: "active:40", criterion: "lamp" },
  { target: "active:40", scope: "erk", pruneFirst: "unused" },
])("a run of %j is whole, and goes on from a level to the same files", async (keys) => {
  const { engine, files, folder, play } = await lotteryOf(keys);
  try {
    const { levels } = await play();
    const planned = [216, 123, 70, 40];
    expect(levels.length).toBe(4);
    levels.forEach(({ weights, remaining }, level) => {
      expect(weights.active).toBeLessThanOrEqual(planned[level]);
      expect(remaining).toBeGreaterThanOrEqual(weights.active);
    });
    expect((await verifyRun(files, folder.path)).problems).toEqual([]);
    await expectGoesOn({ files, folder, play });
  } finally {
    engine.close();
  }
});

it("times a level from its beginning, without the wait for a slot of the engine", async () => {
  const { engine, lottery } = await lotteryOf({ levels: 1, rate: 0.5 });
  const begunAt: number[] = [];
  const waiting: Engine = {
    ...{ name: engine.name, slots: 1, memoryBytes: 0, executor: engine.executor, close: () => engine.close() },
    train: async (job, observer) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return engine.train(job, {
        ...observer,
        begun: (now) => {
          begunAt.push(performance.now());
          observer?.begun?.(now);
        },
      });
    },
  };
  try {
    let level = 0;
    await runLottery({
      ...{ ...lottery, engine: waiting },
      observe: (event) => {
        if (event.kind === "level") expect(event.elapsedMs).toBeLessThanOrEqual(performance.now() - begunAt[level++]);
      },
    });
    expect(level).toBe(2);
  } finally {
    engine.close();
  }
});

const biasCriteria = criteria.entries.filter(({ ofBias }) => ofBias !== undefined).map(({ name }) => name);

it.each([
  ...biasCriteria.map((criterion) => ({ criterion })),
  { rewind: "1ep", maxEpochs: 2, scope: "layer", weightDecay: 0.1, l1: 0.001, optimizer: "sgd" },
])(
  "a run of weights and biases, %j, has the planned counts of both, 0 for all that is pruned, and goes on",
  async (keys) => {
    const prunable = { prunable: "parameters", target: 40, keepTrained: true };
    const { engine, files, folder, play } = await lotteryOf({ ...prunable, ...keys });
    try {
      const { levels } = await play();
      // 216 weights and 26 biases.
      expect(levels.map((level) => level.remaining + (biasesLeft(level) ?? 0))).toEqual([242, 133, 73, 40]);
      expect(
        levels.every(({ biases }) => biases && biases.active + biases.inactive + biases.zombie + biases.pruned === 26),
      ).toBe(true);
      expect(biasesLeft(levels[3])).toBeLessThan(26);
      expect((await verifyRun(files, folder.path)).problems).toEqual([]);
      for (const { level } of levels) {
        const [mask, trained] = [await folder.readLevelMask(level), await folder.readTrained(level)];
        for (const layer of [0, 1, 2]) {
          trained?.biases(layer).forEach((bias, neuron) => {
            if (!mask?.hasBias(layer, neuron)) expect(bias).toBe(0);
          });
        }
      }
      await expectGoesOn({ files, folder, play });
    } finally {
      engine.close();
    }
  },
);

it("a run of weights alone stores no masks and no counts of biases", async () => {
  const { engine, files, play } = await lotteryOf({ target: 40 });
  try {
    await play();
    const texts = files.entries().map(([path, content]) => `${path} ${new TextDecoder().decode(content)}`);
    expect(texts.filter((text) => /bias_mask|"biases"/.test(text))).toEqual([]);
  } finally {
    engine.close();
  }
});

it("a mask that prunes biases is told where they are not pruned, have other counts, or come back", () => {
  const shape = [4, 12, 12, 2];
  const [full, part] = [Mask.full(shape), Mask.full(shape)];
  part.setBias(1, 3, false);
  expect(maskProblem(part, 0, { shape, remaining: [216] }, undefined)).toBe(
    "prunes biases, and the run prunes weights alone",
  );
  const planned = { shape, remaining: [242, 241], prunable: "parameters" };
  expect(maskProblem(part, 0, planned, undefined)).toBe("keeps 241 weights and biases, level 0 has 242");
  expect(maskProblem(part, 1, planned, full)).toBeUndefined();
  const other = Mask.full(shape);
  other.setBias(0, 0, false);
  expect(maskProblem(other, 1, planned, part)).toBe("keeps biases that level 0 has pruned");
  expect(maskProblem(full, 0, { ...planned, counts: "active", remaining: [200] }, undefined)).toBe(
    "has 242 active weights and biases, level 0 has at most 200",
  );
});

it("a mask with more active weights than planned, or other counts, is told", () => {
  const shape = [4, 12, 12, 2];
  const planned = { shape, remaining: [216, 100] };
  const full = Mask.full(shape);
  expect(maskProblem(full, 1, planned, full)).toBe("keeps 216 weights, level 1 has 100");
  const active = { ...planned, counts: "active" };
  expect(maskProblem(full, 1, active, full)).toBe("has 216 active weights, level 1 has at most 100");
  expect(maskProblem(full, 0, active, undefined)).toBeUndefined();
});
