import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../src/device/environment/node.ts";

const pages = [
  "README.md",
  ...readdirSync(join(packageRoot(), "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
];

it.each(pages)("every link of %s leads somewhere", (page) => {
  const text = readFileSync(join(packageRoot(), page), "utf8");
  const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target);
  const local = targets.filter((target) => !/^[a-z]+:/.test(target));
  const lost = local.filter((target) => !existsSync(join(packageRoot(), dirname(page), target)));
  expect(lost).toEqual([]);
});
