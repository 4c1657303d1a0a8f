import { describe, expect, it } from "vitest";
import { Mask } from "../../src/mask/mask.ts";
import { type CheckpointOwner, readCheckpoint, writeCheckpoint } from "../../src/store/checkpoint.ts";
import { readSafetensors, writeSafetensors } from "../../src/store/safetensors.ts";

const owner: CheckpointOwner = { level: 3, mask: Mask.full([4, 5, 2]), settings: { seed: 1, lr: 0.1, keep: "best" } };
const state = {
  kernels: "sparse",
  arrays: {
    counts: Float64Array.of(1, Number.POSITIVE_INFINITY, 0.1),
    parameters: Float32Array.of(-0, 1.5, Number.NaN),
    words: Uint32Array.of(0xffffffff),
    none: new Uint32Array(0),
  },
};
const written = () => writeCheckpoint(owner, "kernels a", state);
const read = (bytes: Uint8Array, other: Partial<CheckpointOwner> = {}, program = "kernels a") =>
  readCheckpoint(bytes, { ...owner, ...other }, program);

describe("the file of a checkpoint", () => {
  it("gives back what was written, to the bit, the same bytes each time", async () => {
    expect(await read(await written())).toEqual(state);
    expect(await written()).toEqual(await written());
  });

  it("is damaged wherever a byte is changed or it is cut, and never read as another state", async () => {
    const bytes = await written();
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 0x40]) {
        const changed = bytes.slice();
        changed[at] ^= bit;
        const found = await read(changed);
        // A few changes of the header leave its content as it is or name another format.
        if (typeof found === "object") expect(found).toEqual(state);
        else
          expect(found, `byte ${at}`).toMatch(/^(is damaged \(.+\)|was made by a newer version \(format \d+, .+\))$/);
      }
    }
    for (const end of [0, 7, 100, bytes.length - 1]) {
      expect(await read(bytes.subarray(0, end))).toMatch(/^is damaged \(/);
    }
  });

  it.each([
    ["is of level 3", { level: 2 }],
    [
      "is of another mask",
      {
        mask: new Mask(
          [4, 5, 2],
          owner.mask.words.map((word) => word & ~1),
        ),
      },
    ],
    ["is of another mask", { mask: new Mask([4, 5, 2], owner.mask.words, Uint32Array.of(30, 3)) }],
    ["is of other settings", { settings: { ...owner.settings, lr: 0.2 } }],
    ["is of other settings", { settings: { ...owner.settings, seed: 2 } }],
  ])("%s where a level asks for its own", async (reason, other) => {
    expect(await read(await written(), other)).toBe(reason);
  });

  it("is of no use to other kernels, and nothing to a level after its own", async () => {
    expect(await read(await written(), {}, "kernels b")).toBe("was made by other kernels");
    expect(await read(await written(), { level: 4 })).toBeUndefined();
  });

  it("is refused where a newer version wrote it", async () => {
    const { tensors, metadata } = readSafetensors(await written(), "it");
    const newer = writeSafetensors(tensors, { ...metadata, format: "2", more: "x" });
    expect(await read(newer)).toBe("was made by a newer version (format 2, this one reads format 1)");
  });
});
