import { defineConfig } from "vitest/config";
import { inlineVitePlugin } from "./tools/inline.mjs";

export default defineConfig({
  plugins: [inlineVitePlugin],
  test: { include: ["test/**/*.test.ts"], pool: "forks", testTimeout: 60_000, hookTimeout: 120_000 },
});
