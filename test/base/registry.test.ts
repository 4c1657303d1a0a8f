import { describe, expect, it } from "vitest";
import { InputError, InternalError } from "../../src/base/errors.ts";
import { Registry } from "../../src/base/registry.ts";

const entry = (name: string) => ({ name, summary: `what ${name} is` });

describe("a registry", () => {
  it("finds by name and lists its names in their order", () => {
    const registry = new Registry("criterion", ["magnitude", "scaled-magnitude", "random"].map(entry));
    expect(registry.get("random")).toEqual({ name: "random", summary: "what random is" });
    expect(registry.names).toEqual(["magnitude", "scaled-magnitude", "random"]);
    expect(registry.choice).toBe("magnitude, scaled-magnitude or random");
    expect(new Registry("loss", [entry("binary")]).choice).toBe("binary");
    expect([registry.has("random"), registry.has("toString")]).toEqual([true, false]);
  });

  it("refuses what it does not hold, saying what it does", () => {
    const registry = new Registry("criterion", ["magnitude", "random"].map(entry));
    expect(() => registry.get("size")).toThrow(
      new InputError('criterion "size" is not known: give magnitude or random'),
    );
  });

  it("holds each name once, and at least one", () => {
    expect(() => new Registry("loss", [entry("a"), entry("a")])).toThrow(InternalError);
    expect(() => new Registry("loss", [])).toThrow(InternalError);
  });
});
