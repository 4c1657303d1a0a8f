import { describe, expect, it } from "vitest";
import { Mask } from "../../src/mask/mask.ts";
import { Parameters } from "../../src/network/parameters.ts";
import type { Selection } from "../../src/pruning/selection.ts";
import { selectMask } from "../../src/pruning/selector.ts";
import { useEngines } from "../engine/small_experiment.ts";
import { jobOf, settings, shape } from "../engine/small_networks.ts";
import { expectSameBits } from "../kernels/harness.ts";

const engines = useEngines();

/** Magnitudes with many ties, both zeros among them. */
function tiedParameters(): Parameters {
  const parameters = new Parameters(shape);
  parameters.values.set(parameters.values.map((_, k) => [0.5, -0.25, 0, -0, 0.25, 1e-42, -0.5][(k * 11) % 7]));
  return parameters;
}

const kept = ({ keep }: Selection) => (typeof keep === "number" ? keep : keep.reduce((sum, count) => sum + count, 0));

describe("the mask selected on the host", () => {
  it.each<Selection>([
    { keep: 100, criterion: "magnitude" },
    { keep: [17, 38, 6], criterion: "magnitude" },
    { keep: 100, criterion: "random" },
    { keep: [30, 0, 18], criterion: "random" },
    { keep: 60, criterion: "scaled-magnitude" },
    { keep: 187, criterion: "magnitude" },
    { keep: 0, criterion: "magnitude" },
  ])("is the kernels' and the twins', ties included: $keep $criterion", async (selection) => {
    const start = tiedParameters();
    // A rate so low that the ties remain.
    const job = jobOf(5, { level: 2, start, settings: { ...settings, lr: 1e-30, maxEpochs: 1 } });
    for (const kind of ["twins", "tiled"] as const) {
      const level = await (await engines[kind](1)).train(job);
      const trained = await level.weights();
      const selected = selectMask({ trained, start, mask: job.mask, seed: 5, nextLevel: 3 }, selection);
      expect(selected.count()).toBe(kept(selection));
      expectSameBits((await level.select(selection)).words, selected.words, `mask of ${kind}`);
    }
  });

  it("keeps what an independent sort keeps, ties by flat index", () => {
    const trained = tiedParameters();
    const full = Mask.full(shape);
    const all = [0, 1, 2].flatMap((layer) =>
      Array.from(trained.weights(layer), (w, at) => ({ layer, at, size: Math.abs(w) })),
    );
    // A stable sort leaves equal magnitudes in flat order; the lower index is pruned first.
    all.sort((a, b) => a.size - b.size);
    for (const keep of [1, 50, 111, 186]) {
      const next = selectMask(
        { trained, start: trained, mask: full, seed: 1, nextLevel: 1 },
        { criterion: "magnitude", keep },
      );
      all.forEach(({ layer, at }, rank) => {
        const isKept = next.has(layer, Math.floor(at / shape[layer]), at % shape[layer]);
        expect(isKept).toBe(rank >= all.length - keep);
      });
    }
  });

  it("prunes further within a mask, and leaves that as it is", () => {
    const { start } = jobOf(5);
    const level = { trained: start, start, seed: 5, nextLevel: 1 };
    const first = selectMask({ ...level, mask: Mask.full(shape) }, { criterion: "magnitude", keep: 120 });
    const second = selectMask({ ...level, mask: first }, { criterion: "random", keep: [20, 20, 10] });
    expect(second.count()).toBe(50);
    expect(second.isSubsetOf(first)).toBe(true);
    expect(first.count()).toBe(120);
  });

  it("cannot keep more than there is", () => {
    const { start } = jobOf(5);
    const level = { trained: start, start, mask: Mask.full(shape), seed: 5, nextLevel: 1 };
    expect(() => selectMask(level, { criterion: "magnitude", keep: 188 })).toThrow("cannot keep 188 of 187 weights");
    expect(() => selectMask(level, { criterion: "size", keep: 1 })).toThrow('criterion "size" is not known');
  });
});
