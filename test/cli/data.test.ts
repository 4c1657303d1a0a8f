import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { datasets } from "../../src/dataset/registry.ts";
import { sources } from "../../src/dataset/sources.ts";
import { commandLine } from "./command.ts";

const cli = commandLine();

it("has nothing to fetch for moons-circles", async () => {
  expect(await cli.call(["data", "moons-circles"])).toEqual({
    code: 0,
    stdout: "moons-circles  generated, nothing to fetch\n",
    stderr: "",
  });
});

it("finds and verifies the files of MNIST, passing over a wrong one", async () => {
  const cache = join(cli.folder(), "cache");
  mkdirSync(join(cache, "mnist"), { recursive: true });
  writeFileSync(join(cache, "mnist/t10k-labels-idx1-ubyte"), "wrong");
  const { code, stdout } = await cli.call(["data", "mnist", "--json"], { SPLIT_TICKET_DATA: cache });
  expect(code).toBe(0);
  const { datasets, files } = JSON.parse(stdout);
  expect(datasets).toEqual([{ name: "mnist", sources: ["mnist"] }]);
  expect(files.map(({ file, verified }: { file: string; verified: boolean }) => [file, verified])).toEqual(
    Object.keys(sources.mnist.files).map((file) => [file, true]),
  );
  expect(files[3].passedOver[0]).toContain("mnist/t10k-labels-idx1-ubyte: 5 bytes, the original has 10008");
  const listing = await cli.call(["data", "mnist"], { SPLIT_TICKET_DATA: cache });
  expect(listing.stdout).toMatch(/^mnist {2}here, made of mnist\n/);
  expect(listing.stdout).toContain(`47,040,016 bytes  sha256 ${sources.mnist.files["train-images-idx3-ubyte"].sha256}`);
  expect(listing.stdout).toMatch(/verified, from \w+: .*t10k-images-idx3-ubyte/);
});

it("lists every dataset without fetching any", async () => {
  const { code, stdout } = await cli.call(["data"]);
  expect(code).toBe(0);
  for (const name of datasets.names) {
    expect(stdout).toMatch(new RegExp(`^${name} +(generated|here|not here), `, "m"));
  }
});
