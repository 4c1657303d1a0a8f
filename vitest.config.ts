import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { inlineVitePlugin } from "./tools/inline.mjs";
import { LongestFirst } from "./tools/longest_first.mjs";

/** Tests that compile kernels. Their files share a process, and so its device and what it has compiled. */
const onDevice = [
  "test/benchmark/timing.test.ts",
  "test/engine/**/*.test.ts",
  "test/kernels/**/*.test.ts",
  "test/lottery/lottery.test.ts",
  "test/pruning/**/*.test.ts",
];

export default defineConfig({
  plugins: [inlineVitePlugin],
  // As tools/build_page.mjs inserts it in the page.
  define: { pageVersion: JSON.stringify(JSON.parse(readFileSync("package.json", "utf8")).version) },
  test: {
    pool: "forks",
    setupFiles: ["test/equal_arrays.ts"],
    // Of two cores vitest would use one; some tests wait for files, browsers and submissions.
    maxWorkers: "100%",
    // A bound for what hangs; on a machine with other load the slowest test takes a minute.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: "on the device", include: onDevice, isolate: false } },
      { extends: true, test: { name: "elsewhere", include: ["test/**/*.test.ts"], exclude: onDevice } },
    ],
  },
});
