import { join } from "node:path";
import { expect, it } from "vitest";
import { testWriters } from "../../tools/test_writers.mjs";
import { commandProcesses } from "./command.ts";

const cli = commandProcesses();

it("several commands that write the same runs, one of which is stopped or killed, leave the bytes of one", async () => {
  const faults: string[] = [];
  const say = (line: string) => void faults.push(line);
  const figures = await testWriters({ program: join(cli.folder(), "cli.mjs"), starts: 3, seed: 11, say });
  expect(faults).toEqual([]);
  expect(figures).toMatchObject({ starts: 3, faults: 0 });
});
