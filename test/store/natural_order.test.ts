import { expect, test } from "vitest";
import { compareNaturally } from "../../src/store/natural_order.ts";

test("numbers in names count by value, the rest by letter", () => {
  const names = ["net.10.", "net.2.", "", "head.", "net.2.a.", "fc12.", "fc2.", "10.", "9."];
  expect(names.sort(compareNaturally)).toEqual([
    "",
    "9.",
    "10.",
    "fc2.",
    "fc12.",
    "head.",
    "net.2.",
    "net.2.a.",
    "net.10.",
  ]);
});
