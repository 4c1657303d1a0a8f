import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { run } from "../../src/node.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();
let folder = "";

beforeAll(async () => {
  const spec = { dataset: "moons-circles", base: [4, 8, 8, 2], rate: 0.32, extension: 2, maxEpochs: 30, batch: 32 };
  const out = join(cli.folder(), "runs");
  for (const keepTrained of [true, false]) {
    const { experiments } = await run(
      { name: keepTrained ? "kept" : "bare", spec: { ...spec, seeds: [0], keepTrained } },
      { out, device: "cpu" },
    );
    if (keepTrained) folder = `${experiments[0].folder}/seed-0`;
  }
});

describe("function", () => {
  it("gives the scores that the run recorded, and what each task loses and uses, as text and as JSON", async () => {
    const { code, stdout, stderr } = await cli.call(["function", folder, "--json"]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    const [one] = JSON.parse(stdout).tickets;
    expect(one.samples).toBe(1000);
    one.scores.forEach((score: number, t: number) => {
      expect(Math.abs(score - one.recorded[t])).toBeLessThanOrEqual(0.002);
    });
    expect(one.neurons.length).toBeGreaterThan(3);
    const { stdout: text } = await cli.call(["function", folder, "--level", "0", "--samples", "50"]);
    expect(text).toContain("level 0, 247 weights, interconnected; the first 50 of 1,000 validation samples");
    expect(text).toMatch(/\nneurons of circles +\d+ /);
    expect(text).toMatch(/\ncircles +0\.\d{4} +\d/);
  });

  it.each([
    [["--level", "9"], /level 9: .*seed-0 has the finished levels 0 to 2; choose one of them/],
    [["--samples", "1"], /samples 1: an integer from 2 is needed/],
  ])("refuses %j in one line", async (options, message) => {
    const { code, stdout, stderr } = await cli.call(["function", folder, ...options]);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("says what a run without trained weights needs", async () => {
    const bare = join(cli.folder(), "runs");
    const { code, stderr } = await cli.call(["function", bare]);
    expect(stderr).toMatch(/bare-.*has no trained weights, which lesions and gradients need; .*keepTrained=true/);
    expect(code).toBe(2);
  });
});
