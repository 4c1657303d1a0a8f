import { relative } from "node:path";
import { BaseSequencer } from "vitest/node";

/**
 * The test files that take longest, in this order, by processor time on two cores with SwiftShader. A file that takes long and
 * starts late leaves all processors but one idle at the end.
 */
export const longestFirst = [
  "test/engine/engines.test.ts",
  "test/kernels/resident_epoch.test.ts",
  "test/lottery/lottery.test.ts",
  "test/engine/tiled/tiled_engine.test.ts",
  "test/engine/adapter/adapter_engine.test.ts",
  "test/engine/resident/resident_engine.test.ts",
  "test/engine/divergence.test.ts",
  "test/benchmark/timing.test.ts",
  "test/kernels/dense_forward.test.ts",
  "test/kernels/radix_histogram.test.ts",
  "test/engine/shared/level_pump.test.ts",
  "test/kernels/gradients.test.ts",
  "test/kernels/prune_mask.test.ts",
  "test/kernels/dense_backward.test.ts",
  "test/kernels/dense_update.test.ts",
  "test/engine/repeat_elsewhere.test.ts",
  "test/cli/run.test.ts",
  "test/web/access.test.ts",
  "test/web/control.test.ts",
  "test/run/run.test.ts",
  "test/cli/bench.test.ts",
  "test/web/equality.test.ts",
  "test/web/benchmark.test.ts",
  "test/web/story.test.ts",
  "test/dataset/image_sets.test.ts",
  "test/run/speed/choice.test.ts",
  "test/cli/doctor.test.ts",
  "test/run/random_pruning.test.ts",
  "test/readme.test.ts",
  "test/engine/adapter/plan.test.ts",
  "test/bench/browser.test.ts",
  "test/run/verdicts.test.ts",
  "test/cli/reproduce.test.ts",
  "test/tools/setup.test.ts",
];

/** Starts the files of {@link longestFirst} first, and after them the others, large ones first. */
export class LongestFirst extends BaseSequencer {
  async sort(specifications) {
    // Those on the device first, since the others are many and short.
    const place = ({ moduleId }) => {
      const at = longestFirst.indexOf(relative(this.ctx.config.root, moduleId).replaceAll("\\", "/"));
      return at < 0 ? longestFirst.length : at;
    };
    const size = ({ moduleId, project }) =>
      this.ctx.cache.getFileStats(`${project.name}:${relative(this.ctx.config.root, moduleId)}`)?.size ?? 0;
    // One project after another, so that the files on the device stay in the processes that have compiled.
    const order = ({ project }) => (project.name === "on the device" ? 0 : 1);
    return [...specifications].sort((a, b) => order(a) - order(b) || place(a) - place(b) || size(b) - size(a));
  }
}
