import { defineConfig } from "vitest/config";
import { inlineVitePlugin } from "./tools/inline.mjs";

export default defineConfig({
  plugins: [inlineVitePlugin],
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Of two cores vitest would use one; some tests wait for files, browsers and submissions.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
