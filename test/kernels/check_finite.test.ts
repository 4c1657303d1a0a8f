import { describe, expect, it } from "vitest";
import { checkFinite } from "../../src/kernels/check_finite.ts";
import { call, networkStructs, normals, structs, useSides, withWorkgroup } from "./harness.ts";
import { listOf } from "./listed_layers.ts";

const runSides = useSides();

const quads = 65;
const length = quads * 4;

type Spoil = (network: { parameters: Float32Array; first: Float32Array; second: Float32Array }) => void;

/** Marks of networks of `quads` vec4f, each spoilt in its own way; by the device and by the twin. */
async function marksOf(
  spoilt: readonly (Spoil | undefined)[],
  running = spoilt.map(() => 1),
  workgroup = checkFinite.workgroup,
) {
  const count = spoilt.length;
  const parameters = normals(count * length, 1);
  const moments = normals(2 * count * length, 2);
  for (const [n, spoil] of spoilt.entries()) {
    spoil?.({
      parameters: parameters.subarray(n * length, (n + 1) * length),
      first: moments.subarray(2 * n * length, (2 * n + 1) * length),
      second: moments.subarray((2 * n + 1) * length, (2 * n + 2) * length),
    });
  }
  const kernel = withWorkgroup(checkFinite, workgroup);
  const { tiles, uniform } = listOf(kernel, Array(count).fill({ parameters: quads }));
  const { firstTile, tiles: listed } = uniform;
  const { device, twin } = await runSides([call(kernel, { firstTile, tiles: listed, layers: 1 })], {
    networks: networkStructs(running.map((each) => ({ running: each }))),
    layers: structs(
      checkFinite,
      "layers",
      spoilt.map((_, n) => ({ parametersAt: n * quads, parameters: quads })),
    ),
    tiles,
    parameters,
    moments,
    marks: new Uint32Array(count),
  });
  expect([...device.marks]).toEqual([...twin.marks]);
  return [...device.marks];
}

/** A NaN with only the last bit of its fraction set, which a wrong test of the exponent takes for infinity. */
const quietest = new Float32Array(new Uint32Array([0x7f800001]).buffer)[0];
const values = [Number.NaN, quietest, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe("check_finite", () => {
  it.each([0, 1, 2, 3, 63 * 4, 64 * 4 - 1, 64 * 4, length - 1])(
    "finds each kind of value in each array at %i",
    async (at) => {
      const spoilt = values.flatMap((value): Spoil[] => [
        ({ parameters }) => parameters.fill(value, at, at + 1),
        ({ first }) => first.fill(value, at, at + 1),
        ({ second }) => second.fill(value, at, at + 1),
      ]);
      for (const workgroup of [checkFinite.workgroup, [4, 1]] as const) {
        const marks = await marksOf([undefined, ...spoilt, undefined], undefined, workgroup);
        expect(marks).toEqual([0, ...spoilt.map(() => 1), 0]);
      }
    },
  );

  it("marks no network of extreme finite values, and none that rests", async () => {
    const extreme = [3.4028234663852886e38, -3.4028234663852886e38, 1e-45, -1e-45, 0, -0];
    const finite: Spoil = (network) => {
      for (const array of Object.values(network)) array.set(extreme);
    };
    const broken: Spoil = ({ second }) => second.fill(Number.NaN);
    expect(await marksOf([finite, broken, broken], [1, 0, 1])).toEqual([0, 0, 1]);
  });
});
