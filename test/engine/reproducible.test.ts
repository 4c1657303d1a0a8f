import { describe, expect, it } from "vitest";
import { epochOrder } from "../../src/base/random.ts";
import { sha256 } from "../../src/base/sha256.ts";
import { moonsCircles } from "../../src/dataset/moons_circles.ts";
import { Mask } from "../../src/mask/mask.ts";
import { initialParameters } from "../../src/network/initial.ts";
import { play } from "./play.ts";
import { engineNames, useEngines } from "./small_experiment.ts";
import { settings, shape } from "./small_networks.ts";

/**
 * What is the same on every machine, adapter and JavaScript engine, against bytes that one machine gave. `npm run
 * test:wgpu` runs this file in Deno on wgpu. How far weights may differ is in repeat_elsewhere.test.ts.
 */

const hash = (values: ArrayBufferView) => sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

describe("on every machine", () => {
  it("initial weights have the same bytes", async () => {
    expect(await hash(initialParameters([4, 57, 57, 2], 7).values)).toBe(
      "f65e6818b3ac9d09fa2e82ad3a30e80eeb95799825d8f34c1a914cfa032486bd",
    );
    expect(
      await hash(initialParameters([4, 57, 57, 2], 7, { initializer: "xavier-normal", activation: "tanh" }).values),
    ).toBe("6267a4f07c1a32dafa1c0fec423a59bd4dfc42fef05e680ca62dcee6cd84f9e8");
  });

  it("the order of the samples of an epoch has the same bytes", async () => {
    expect(await hash(epochOrder(7, 2, 30, 1000))).toBe(
      "1d4924911d3d42ce70c5d51acb2f2de073819323ede1d91d90ef7aaf3856930c",
    );
  });

  it("generated data have the same bytes", async () => {
    const { train, validation } = moonsCircles(3, { samples: 400 });
    expect(await Promise.all([train.features, train.labels, validation.features].map(hash))).toEqual([
      "2960906c3ab12b3673a51e536c73d03c09bc904463c005c5eb8b09a8eee107a1",
      "a5ccd86a89634dcff2794b8f7bba804041b0b248fb4040cfd23ea40a361be8d3",
      "614dd676fb2e201250050a2ed2e5a6b26a077951237f677ec0a7a86d3440c0ea",
    ]);
  });
});

const engines = useEngines();

describe.each(engineNames)("on the %s engine", (name) => {
  it("each level has as many weights, epochs and steps as elsewhere", async () => {
    const remaining = [121, 77, 40];
    // Levels do not end by losses, which differ between machines in their last digits.
    const run = { shape, seed: 5, settings: { ...settings, maxEpochs: 2, patience: 2 }, remaining };
    const levels = await play(await engines[name](1), run);
    const masks = levels.map(({ words }) => new Mask(shape, words));
    expect(masks.map((mask) => mask.count())).toEqual(remaining);
    // 150 training samples in batches of 64: 3 steps an epoch.
    expect(levels.map(({ training }) => [training.epochs, training.steps])).toEqual([
      [2, 6],
      [2, 6],
      [2, 6],
    ]);
  });
});
