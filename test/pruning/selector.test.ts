import { describe, expect, it } from "vitest";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import { selectedMask } from "../../src/pruning/selected_mask.ts";
import type { Selection } from "../../src/pruning/selection.ts";
import { useEngines } from "../engine/small_experiment.ts";
import { shape, start } from "../engine/small_networks.ts";
import { expectSameBits } from "../kernels/harness.ts";

const engines = useEngines();

/** Magnitudes with many ties, both zeros among them. */
function tiedParameters(): Parameters {
  const parameters = new Parameters(shape);
  parameters.values.set(parameters.values.map((_, k) => [0.5, -0.25, 0, -0, 0.25, 1e-42, -0.5][(k * 11) % 7]));
  return parameters;
}

describe("the mask selected on the host", () => {
  it.each<Selection>([
    { remaining: 100, scope: "global", criterion: "magnitude" },
    { remaining: 61, scope: "layer", criterion: "magnitude" },
    { remaining: 100, scope: "global", criterion: "random" },
    { remaining: 37, scope: "layer", criterion: "random" },
    { remaining: 187, scope: "global", criterion: "magnitude" },
    { remaining: 0, scope: "global", criterion: "magnitude" },
  ])("is the kernels' and the twins', ties included: $remaining $scope $criterion", async (selection) => {
    const engineStart = { ...start(5), initial: tiedParameters() };
    const full = Mask.full(shape);
    const selected = selectedMask(engineStart.initial, full, selection, 5, 3);
    expect(selected.count()).toBe(selection.remaining);
    for (const kind of ["twins", "tiled"] as const) {
      const network = await (await engines[kind](1)).admit(engineStart);
      expectSameBits((await network.prune(selection, 3)).words, selected.words, `mask of ${kind}`);
    }
  });

  it("prunes further within a mask", () => {
    const { initial } = start(5);
    const first = selectedMask(
      initial,
      Mask.full(shape),
      { remaining: 120, scope: "global", criterion: "magnitude" },
      5,
      1,
    );
    const second = selectedMask(initial, first, { remaining: 50, scope: "layer", criterion: "random" }, 5, 2);
    expect(second.count()).toBe(50);
    expect(second.isSubsetOf(first)).toBe(true);
    expect(first.count()).toBe(120);
  });
});
