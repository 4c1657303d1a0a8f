import { expect, it } from "vitest";
import {
  formatBytes,
  formatClock,
  formatDuration,
  formatLoss,
  formatPercent,
  formatRough,
  plural,
  threeDigits,
} from "../../src/base/format.ts";

it("writes counts and sizes", () => {
  expect([plural(1, "seed"), plural(13_104, "weight")]).toEqual(["1 seed", "13,104 weights"]);
  expect([1, 999, 1000, 12_345_678, 1.5e9].map(formatBytes)).toEqual([
    "1 byte",
    "999 bytes",
    "1.0 kB",
    "12 MB",
    "1.5 GB",
  ]);
});

it("writes times as a clock, as estimates and as measurements", () => {
  expect([0, 59_999, 725_000, 3_725_000].map(formatClock)).toEqual(["0:00", "0:59", "12:05", "1:02:05"]);
  expect([0, 40_000, 89_001, 180_000, 9_000_000].map(formatRough)).toEqual(["0 s", "40 s", "2 min", "3 min", "2.5 h"]);
  expect([40, 89_900, 90_000, 9_000_000].map(formatDuration)).toEqual(["0.0 s", "89.9 s", "1.5 min", "2.5 h"]);
});

it("writes losses and figures with the digits that count", () => {
  expect([0, 0.25, 0.001, 0.00012].map(formatLoss)).toEqual(["0.0000", "0.2500", "0.0010", "1.2e-4"]);
  expect([0.01234, 97.25, 142.3, 999.6, 5678].map(threeDigits)).toEqual(["0.0123", "97.3", "142", "1,000", "5,680"]);
  expect([0.0142, 0.994, 0.996, 2.5].map(formatPercent)).toEqual(["1.4 %", "99 %", "100 %", "250 %"]);
});
