import { expect, it } from "vitest";
import { keepBest } from "../../src/kernels/keep_best.ts";
import { structOf } from "../../src/kernels/reflect.ts";
import { networkStructs, structs, useDeviceExecutor } from "../kernels/harness.ts";
import { listOf } from "../kernels/listed_layers.ts";

const executor = useDeviceExecutor();
const networkBytes = structOf(keepBest, "networks").sizeBytes;

/** A kernel that copies `vectors` vec4f of parameters, and its buffers. */
async function copying(vectors: number) {
  await executor().load([keepBest]);
  const networks = executor().createBuffer("networks", networkBytes);
  const parameters = executor().createBuffer("parameters", vectors * 16);
  const bestParameters = executor().createBuffer("best", vectors * 16);
  executor().write(networks, new Uint8Array(networkStructs([{ improved: 1, keepBest: 1, evaluateEvery: 1 }]).bytes));
  const list = listOf(keepBest, [{ parameters: vectors }]);
  const tiles = executor().createBuffer("tiles", list.tiles.bytes.byteLength);
  executor().write(tiles, new Uint8Array(list.tiles.bytes));
  const records = structs(keepBest, "layers", [{ parametersAt: 0, parameters: vectors }]);
  const layers = executor().createBuffer("layers", records.bytes.byteLength);
  executor().write(layers, new Uint8Array(records.bytes));
  const buffers = { networks, tiles, layers, parameters, bestParameters };
  const uniform = { firstTile: list.uniform.firstTile, tiles: list.uniform.tiles, layers: 1 };
  return { ...buffers, call: executor().prepare(keepBest, uniform, buffers, 1) };
}

const floats = (bytes: ArrayBuffer) => Array.from(new Float32Array(bytes));

it("runs calls and reads ranges of several buffers after them, in the order asked for", async () => {
  const { parameters, bestParameters, call } = await copying(2);
  executor().write(parameters, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  const { content } = await executor().runAndRead(
    [call],
    [
      { source: bestParameters, offsetBytes: 8, sizeBytes: 12 },
      { source: parameters, offsetBytes: 28, sizeBytes: 4 },
      { source: bestParameters, offsetBytes: 0, sizeBytes: 4 },
    ],
  );
  expect(content.map(floats)).toEqual([[3, 4, 5], [8], [1]]);
});

it("keeps runs in flight apart, with ranges of any sizes", async () => {
  const { parameters, bestParameters, call } = await copying(64);
  const rounds = [1, 64, 3, 64, 2, 40].map((vectors, round) => {
    executor().write(parameters, new Float32Array(256).fill(round));
    return executor().runAndRead([call], [{ source: bestParameters, offsetBytes: 0, sizeBytes: vectors * 16 }]);
  });
  for (const [round, { content }] of (await Promise.all(rounds)).entries()) {
    expect(new Set(floats(content[0])), `round ${round}`).toEqual(new Set([round]));
    expect(content[0].byteLength).toBe([1, 64, 3, 64, 2, 40][round] * 16);
  }
  // Once more, with the buffers of the runs before.
  executor().write(parameters, new Float32Array(256).fill(9));
  const { content } = await executor().runAndRead(
    [call],
    [{ source: bestParameters, offsetBytes: 1008, sizeBytes: 16 }],
  );
  expect(floats(content[0])).toEqual([9, 9, 9, 9]);
});

it("tells when the device began and ended, one run after the other, where it has a clock", async () => {
  const { bestParameters, call } = await copying(64);
  const run = () => executor().runAndRead([call], [{ source: bestParameters, offsetBytes: 0, sizeBytes: 16 }]);
  const [first, second] = (await Promise.all([run(), run()])).map(({ time }) => time);
  if (!executor().hasTimestamps) {
    expect([first, second]).toEqual([undefined, undefined]);
    return;
  }
  const [a, b] = [first, second].map((time) => ({ begin: time?.begin ?? 0n, end: time?.end ?? 0n }));
  expect(a.begin).toBeGreaterThan(0n);
  expect(a.end).toBeGreaterThanOrEqual(a.begin);
  expect(b.begin).toBeGreaterThanOrEqual(a.begin);
  expect(b.end).toBeGreaterThanOrEqual(a.end);
});
