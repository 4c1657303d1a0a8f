import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCase } from "./cases.ts";
import { makeCorpus } from "./corpus.ts";
import { readers } from "./readers.ts";

/** As many as take some seconds; `npm run test:fuzz` reads a million. */
const cases = 3000;

const before = process.cwd();
const folder = mkdtempSync(join(tmpdir(), "split-ticket-fuzz-"));
// Names of files are changed too, so the commands work in a folder of their own.
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

test(`${cases} changed inputs are read or refused in one line`, async () => {
  const corpus = await makeCorpus();
  const verdicts = new Map<string, Set<string>>();
  for (let number = 0; number < cases; number++) {
    const { reader, verdict, problem } = await runCase(corpus, 2026, number);
    expect(problem, `${reader}: --seed 2026 --only ${number}`).toBeUndefined();
    verdicts.set(reader, (verdicts.get(reader) ?? new Set()).add(verdict));
  }
  expect([...verdicts.keys()].sort()).toEqual(readers.map(({ name }) => name).sort());
  // No command wrote beside what it was told to.
  expect(readdirSync(folder)).toEqual([]);
});
