import { expect, test } from "vitest";
import { peerCases } from "../../bench/peers/cases.ts";
import { Child } from "../../bench/peers/child.ts";
import { figure, rows } from "../../bench/peers/rows.ts";

const node = (script: string) => [process.execPath, "-e", script];

test("a peer that says why it cannot run is heard", async () => {
  const start = Child.start(node(`console.log(JSON.stringify({ error: "no CUDA" }))`));
  await expect(start).rejects.toThrow("no CUDA");
});

test("a peer that dies tells its exit code and its last words", async () => {
  const start = Child.start(node(`console.error("first"); console.error("out of memory"); process.exitCode = 3`));
  await expect(start).rejects.toThrow("ended with exit code 3: out of memory");
});

test("a program that is not there is a reason, too", async () => {
  await expect(Child.start(["no-such-program"])).rejects.toThrow("no-such-program");
});

test("every figure to reach belongs to a case", () => {
  const figures = peerCases(true).map(figure);
  const named = rows.flatMap((row) => (row.kind === "peer" ? Object.keys(row.toReach) : []));
  expect(named.length).toBeGreaterThan(0);
  for (const name of named) expect(figures).toContain(name);
});
