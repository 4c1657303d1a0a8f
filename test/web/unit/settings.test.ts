import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/base/errors.ts";
import { specKeys } from "../../../src/lottery/spec_schema.ts";
import { groups, mainFields } from "../../../src/web/page/fields.ts";
import {
  firstSettings,
  keyAtFault,
  plan,
  readAddress,
  suggestions,
  writeAddress,
} from "../../../src/web/page/settings.ts";

describe("the address", () => {
  it("holds every setting, readably", () => {
    const settings = {
      preset: "mnist",
      device: "cpu",
      engine: "auto",
      over: { seeds: "0..3", shape: "784,100,10", lr: "0.01" },
    };
    expect(writeAddress(settings)).toBe("#preset=mnist&seeds=0..3&shape=784,100,10&lr=0.01&device=cpu");
    expect(readAddress(writeAddress(settings))).toEqual(settings);
    expect(readAddress("")).toEqual(firstSettings);
    expect(readAddress("#")).toEqual(firstSettings);
  });

  it("plans what the same keys plan after --set", () => {
    const { spec, seeds, request } = plan(readAddress("#preset=moons-circles&seeds=1,4&extension=2&device=software"));
    expect(spec.shape).toEqual([4, 13, 13, 2]);
    expect(seeds).toEqual([1, 4]);
    expect(request).toMatchObject({
      name: "moons-circles",
      device: "software",
      input: { extension: 2, rate: 0.32 },
    });
  });

  it.each([
    ["#preset=nothing", '"nothing" is neither a preset nor a path of a spec or data'],
    ["#preset=mnist&speed=3", "unknown key speed, nearest to seeds: the keys are preset, device, engine, dataset"],
    ["#preset=mnist&device=tpu", 'device "tpu": choose auto, gpu, software, cpu'],
    ["#preset=mnist&engine=steam", 'engine "steam": choose auto, resident, tiled, dense, sparse, cpu'],
    ["#preset=mnist&lr=fast", 'mnist: lr "fast" does not fit'],
  ])("refuses %s", (hash, message) => {
    expect(() => plan(readAddress(hash))).toThrow(InputError);
    expect(() => plan(readAddress(hash))).toThrow(message);
  });

  it.each(suggestions.map(({ label, address }) => [label, address]))("has a sound suggestion: %s", (_, address) => {
    expect(() => plan(readAddress(`#${address}`))).not.toThrow();
    expect(writeAddress(readAddress(`#${address}`))).toBe(`#${address}`);
  });
});

it("offers every key of a spec that a page can use", () => {
  const offered = [...mainFields, ...groups.flatMap(({ fields }) => fields)].map(({ key }) => key);
  // The page reads no own data of the visitor.
  const ownData = ["tasks", "standardize", "holdout", "header"];
  expect([...offered, ...ownData].sort()).toEqual([...specKeys].sort());
});

it.each([
  ["rewind=0it", "rewind"],
  ["rewind=5000ep", "rewind"],
  ["rewind=lr&keepTrained=false", "rewind"],
  ["schedule=milestones:10,5:0.1", "schedule"],
  ["schedule=cosine", "schedule"],
  ["momentum=0.5", "momentum"],
  ["layerRates=1,1,0.5", "layerRates"],
  ["layerRates=1,1,0.5&scope=layer", "layerRates"],
  ["target=112", "target"],
  ["target=active:0", "target"],
  ["criterion=foo", "criterion"],
  ["initSeed=-1", "initSeed"],
  ["validation=-1", "validation"],
  ["l1=-1", "l1"],
  ["device=tpu", "device"],
])("the error of %s is told at the field of %s", (address, key) => {
  let message = "";
  try {
    plan(readAddress(`#preset=moons-circles&${address}`));
  } catch (error) {
    message = (error as InputError).message;
  }
  expect([message, keyAtFault(message, [...specKeys, "preset", "device", "engine"])]).toEqual([message, key]);
});
