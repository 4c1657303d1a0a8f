import { describe, it } from "vitest";
import { keepBest } from "../../src/kernels/keep_best.ts";
import {
  call,
  dirtyFloats,
  expectSameBits,
  networkStructs,
  normals,
  structs,
  useSides,
  withWorkgroup,
} from "./harness.ts";
import { listOf } from "./listed_layers.ts";

const runSides = useSides();

/** Both rules, a network that stopped with its best evaluation, and two within an interval after it. */
const networks = [
  { improved: 1, keepBest: 1 },
  { improved: 0, keepBest: 1 },
  { improved: 1, keepBest: 0 },
  { improved: 0, keepBest: 0 },
  { improved: 1, keepBest: 1, running: 0 },
  { improved: 1, keepBest: 1, step: 7 },
  { improved: 1, keepBest: 1, step: 9 },
].map((network) => ({ evaluateEvery: 3, evaluations: 2, step: 6, ...network }));

describe("keep_best", () => {
  it.each([1, 3, 4, 5, 63, 64, 65, 129])(
    "copies %i vec4f of the networks whose best evaluation this was, no others",
    async (quads) => {
      const length = quads * 4;
      const parameters = normals(networks.length * length, quads);
      const buffers = {
        networks: networkStructs(networks),
        layers: structs(
          keepBest,
          "layers",
          networks.map((_, n) => ({ parametersAt: n * quads, parameters: quads })),
        ),
        parameters,
        bestParameters: dirtyFloats(networks.length * length),
      };
      const expected = dirtyFloats(networks.length * length);
      for (const n of [0, 4]) expected.set(parameters.subarray(n * length, (n + 1) * length), n * length);
      for (const workgroup of [keepBest.workgroup, [4, 1]] as const) {
        const kernel = withWorkgroup(keepBest, workgroup);
        const { tiles, uniform } = listOf(kernel, Array(networks.length).fill({ parameters: quads }));
        const { firstTile, tiles: count } = uniform;
        const calls = [call(kernel, { firstTile, tiles: count, layers: 1 })];
        const { device, twin } = await runSides(calls, { ...buffers, tiles });
        expectSameBits(device.bestParameters, expected, "device and definition");
        expectSameBits(twin.bestParameters, expected, "twin and definition");
      }
    },
  );
});
