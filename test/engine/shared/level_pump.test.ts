import { expect, it } from "vitest";
import { StructArray, type StructLayout } from "../../../src/base/struct_array.ts";
import { LevelPump, type LevelWork, levelsAtOnce } from "../../../src/engine/shared/level_pump.ts";
import { reflect } from "../../../src/kernels/reflect.ts";
import { taskLoss } from "../../../src/kernels/task_loss.ts";
import { Parameters } from "../../../src/network/parameters.ts";
import { jobOf } from "../small_networks.ts";

it.each([
  [1, 2, 1],
  [2, 2, 2],
  [5, 16, 5],
  [3, 2, 2],
  [7, 2, 2],
  [8, 2, 4],
  [32, 2, 16],
  [33, 16, 16],
  [5, 1, 2],
])("of %i levels, %i of which train side by side, %i train at once", (all, sideBySide, expected) => {
  expect(levelsAtOnce(all, sideBySide)).toBe(expected);
});

/** The struct of a network on the device, as declared in the shaders. */
const networkStruct = reflect(taskLoss).storage.find(({ name }) => name === "networks")?.struct as StructLayout;

/** Engine operations whose levels end with their first submission; records the order of the starts. */
class OneSubmission implements LevelWork {
  readonly networkStruct = networkStruct;
  readonly firstWork = 1;
  readonly mostWork = 1;
  readonly started: number[] = [];

  constructor(
    readonly slots: number,
    readonly sideBySide: number,
  ) {}

  mayStart(): boolean {
    return true;
  }

  start(slot: number): void {
    this.started.push(slot);
  }

  submit(work: number): number {
    return work;
  }

  async readStatus() {
    const networks = new StructArray(this.networkStruct, new ArrayBuffer(this.slots * this.networkStruct.sizeBytes));
    return { networks, scoreSums: () => [] };
  }
}

/** The order in which the pump starts waiting levels, given the remaining work of each. */
async function startingOrder(remainingWork: readonly (number | undefined)[], sideBySide: number): Promise<number[]> {
  const work = new OneSubmission(remainingWork.length, sideBySide);
  const pump = new LevelPump(work);
  const start = new Parameters([1, 1]);
  const levels = remainingWork.map((work, slot) => {
    const job = jobOf(slot, { start, ...(work !== undefined && { remainingWork: work }) });
    return pump.train({ slot, job, kernels: "resident", observer: {} }, async () => start);
  });
  await Promise.all(levels);
  return work.started;
}

it.each([1, 2, 7])(
  "starts the level with most remaining work first, of equals the first come (%i side by side)",
  async (sideBySide) => {
    expect(await startingOrder([3, 1, 7, undefined, 5, 7, 3], sideBySide)).toEqual([2, 5, 4, 0, 6, 1, 3]);
  },
);
