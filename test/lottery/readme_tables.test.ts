import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { presets } from "../../src/lottery/presets.ts";
import { specKeyGroups } from "../../src/lottery/spec_schema.ts";
import { criteria } from "../../src/pruning/criteria.ts";

const readme = new URL("../../README.md", import.meta.url).pathname;

const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** What stands between the README's marks of these names. */
const blocks: Readonly<Record<string, string>> = {
  presets: [
    "| preset | what it runs |",
    "| --- | --- |",
    ...presets.entries.map(({ name, summary }) => `| \`${name}\` | ${cell(summary)} |`),
  ].join("\n"),
  criteria: [
    "| criterion | prunes | score | source |",
    "| --- | --- | --- | --- |",
    ...criteria.entries.map(
      ({ name, summary, formula, source = "" }) =>
        `| \`${name}\` | ${cell(summary)} | ${cell(formula)} | ${cell(source)} |`,
    ),
  ].join("\n"),
  "spec keys": [
    "| key | sets | values | default |",
    "| --- | --- | --- | --- |",
    ...specKeyGroups.flatMap(({ title, keys }) => [
      `| **${title}** | | | |`,
      ...keys.map(
        ({ key, meaning, give, standard }) =>
          `| \`${key}\` | ${cell(meaning)} | ${cell(give)} | ${standard === undefined ? "" : `\`${standard}\``} |`,
      ),
    ]),
  ].join("\n"),
};

it("finds the README's presets, criteria and spec keys as the code has them (to write them: npx vitest run <this file> -u)", async () => {
  let expected = readFileSync(readme, "utf8");
  for (const [name, block] of Object.entries(blocks)) {
    const [before, after] = [`<!-- ${name} -->\n`, `\n<!-- end of ${name} -->`];
    const [start, end] = [expected.indexOf(before), expected.indexOf(after)];
    expect(start >= 0 && end > start, `the README has no block "${name}"`).toBe(true);
    expected = expected.slice(0, start + before.length) + block + expected.slice(end);
  }
  await expect(expected).toMatchFileSnapshot(readme);
});
