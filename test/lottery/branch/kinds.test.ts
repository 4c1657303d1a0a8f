import { describe, expect, it } from "vitest";
import { RandomStream } from "../../../src/base/random.ts";
import { layerCount } from "../../../src/base/shape.ts";
import { branchKinds } from "../../../src/lottery/branch/kinds.ts";
import { branchStart, drawnSeed } from "../../../src/lottery/branch/start.ts";
import { Mask } from "../../../src/mask/mask.ts";
import { initialParameters } from "../../../src/network/initial.ts";
import { readText } from "../../repository.ts";

const shape = [5, 7, 3];
const weights = [5 * 7, 7 * 3];
const source = { name: "run", specHash: "0", executor: "cpu" };
const original = initialParameters(shape, 3);

const start = (kind: string, seed = 3, branchSeed = 3) =>
  branchStart({ shape }, { kind, seed: branchSeed, levels: [1], source }, seed, original);

/** Nested masks that prune by turns: level l has lost every weight whose number is below 9 l in a fixed order. */
const order = new RandomStream(1, "bootstrap").shuffled(56);
const masks = Array.from({ length: 6 }, (_, level) => {
  const mask = Mask.full(shape);
  for (const weight of order.subarray(0, 9 * level)) setWeight(mask, weight, false);
  return mask;
});
function setWeight(mask: Mask, weight: number, kept: boolean): void {
  const layer = weight < weights[0] ? 0 : 1;
  const inLayer = weight - layer * weights[0];
  mask.set(layer, Math.floor(inLayer / shape[layer]), inLayer % shape[layer], kept);
}

const maskOf = (kind: string, level: number, branchSeed = 0) => {
  const change = branchKinds.get(kind).mask;
  if (!change) throw new Error(`${kind} changes no mask`);
  return change({
    level,
    ticket: masks[level],
    maskOf: async (earlier) => masks[earlier],
    oneShot: async () => masks[level],
    random: (part) => new RandomStream(3, "branchMask", branchSeed, level * 100 + part),
  });
};
const sharedWeights = (a: Mask, b: Mask) => {
  const both = a.clone();
  both.words.forEach((word, i) => {
    both.words[i] = word & b.words[i];
  });
  return both.count();
};

it("lists the kinds, and which are controls by chance or inversion", () => {
  expect(branchKinds.names).toEqual([
    ...["ticket", "reinit", "same-sign", "constant-sign", "shuffled", "random-mask", "inverted", "one-shot"],
    ...["order", "data", "transplant"],
  ]);
  const controls = branchKinds.entries.filter(({ isControl }) => isControl).map(({ name }) => name);
  expect(controls).toEqual(["reinit", "shuffled", "random-mask", "inverted"]);
});

it("stand in docs/branches.md with what they change, whether they are controls, and their paper", () => {
  const page = readText("docs/branches.md");
  for (const { name, summary, isControl, paper = "" } of branchKinds.entries) {
    expect(page).toContain(`| \`${name}\` | ${summary} | ${isControl ? "yes" : "no"} | ${paper} |`);
  }
});

describe("start weights", () => {
  it("are the run's own but for the kinds that change them, which leave the original alone", async () => {
    const before = original.values.slice();
    for (const { name, start: changes } of branchKinds.entries) {
      const own = (await start(name)).values.every((value, i) => value === original.values[i]);
      expect([name, own]).toEqual([name, !changes]);
    }
    expect(original.values).toEqual(before);
  });

  it("reinit: the initialiser's draw of a seed that is neither the run's nor the branch's", async () => {
    const seed = drawnSeed(3, 3, "weights");
    expect((await start("reinit")).values).toEqual(initialParameters(shape, seed).values);
    expect(seed).not.toBe(3);
    const seeds = [
      [3, 3],
      [3, 4],
      [4, 3],
    ].flatMap(([run, branch]) => [drawnSeed(run, branch, "weights"), drawnSeed(run, branch, "order")]);
    expect(new Set(seeds).size).toBe(6);
  });

  it("same-sign: the magnitudes of reinit, the signs of the run", async () => {
    const [redrawn, found] = [await start("reinit"), await start("same-sign")];
    for (let layer = 0; layer < layerCount(shape); layer++) {
      const own = original.weights(layer);
      expect(found.weights(layer).map(Math.sign)).toEqual(own.map(Math.sign));
      expect(found.weights(layer).map(Math.abs)).toEqual(redrawn.weights(layer).map(Math.abs));
    }
  });

  it("constant-sign: the layer's standard deviation times the sign; zero stays zero", async () => {
    const given = initialParameters([2, 2, 1], 0);
    given.setWeights(0, Float32Array.of(1, -3, 0, 2));
    given.setWeights(1, Float32Array.of(-0.5, -0.25));
    given.biases(0).set([0.5, -0.5]);
    const branch = { kind: "constant-sign", levels: [1], source };
    const found = await branchStart({ shape: given.shape }, branch, 0, given);
    // Mean 0, squares 1 + 9 + 0 + 4.
    const first = Math.fround(Math.sqrt(14 / 4));
    expect(Array.from(found.weights(0))).toEqual([first, -first, 0, first]);
    expect(Array.from(found.weights(1))).toEqual([-0.125, -0.125]);
    expect(Array.from(found.biases(0))).toEqual([0.5, -0.5]);
  });
});

describe("masks", () => {
  it.each(["shuffled", "random-mask", "inverted"])(
    "%s: as many weights, other ones, by level and branch seed",
    async (kind) => {
      for (const level of [1, 3, 5]) {
        const mask = await maskOf(kind, level);
        expect(mask.count()).toBe(masks[level].count());
        expect(mask.words).not.toEqual(masks[level].words);
        expect((await maskOf(kind, level)).words).toEqual(mask.words);
      }
      // At level 5, 11 of 56 weights are left.
      expect((await maskOf(kind, 5, 1)).words).not.toEqual((await maskOf(kind, 5)).words);
    },
  );

  it("shuffled keeps the counts of the layers, random-mask that of the network alone", async () => {
    const counts = (mask: Mask) => [mask.count(0), mask.count(1)];
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const shuffled = await Promise.all(seeds.map((seed) => maskOf("shuffled", 3, seed)));
    for (const mask of shuffled) expect(counts(mask)).toEqual(counts(masks[3]));
    const random = await Promise.all(seeds.map((seed) => maskOf("random-mask", 3, seed)));
    expect(new Set(random.map((mask) => mask.count(0))).size).toBeGreaterThan(3);
    // Each weight has the same chance: 29 of 56, so that 580 of 1,120 fall as 35 to 21 on the layers.
    const first = random.reduce((sum, mask) => sum + mask.count(0), 0);
    expect(Math.abs(first / 20 - (29 * 35) / 56)).toBeLessThan(2);
  });

  it("draws every place alike", async () => {
    const hits = new Uint32Array(56);
    for (let seed = 0; seed < 400; seed++) {
      const mask = await maskOf("random-mask", 5, seed);
      for (let weight = 0; weight < 56; weight++) {
        const alone = new Mask(shape, new Uint32Array(mask.words.length));
        setWeight(alone, weight, true);
        hits[weight] += sharedWeights(mask, alone);
      }
    }
    // 11 of 56, 400 times: 78.6 on average, standard deviation 7.9; none of 56 is beyond 4.5 of them by chance.
    for (const count of hits) expect(Math.abs(count - (400 * 11) / 56)).toBeLessThan(36);
  });

  it("have as many biases as the ticket, by layer where shuffled; inverted those that were pruned first", async () => {
    // Level l has lost 2 l of the 10 biases in a fixed order, so that level 4 keeps 2.
    const biasOrder = new RandomStream(2, "bootstrap").shuffled(10);
    const tickets = masks.map((mask, level) => {
      const ticket = mask.clone();
      for (const bias of biasOrder.subarray(0, 2 * level))
        ticket.setBias(bias < 7 ? 0 : 1, bias < 7 ? bias : bias - 7, false);
      return ticket;
    });
    const made = async (kind: string, level: number, branchSeed = 0) => {
      const random = (part: number) => new RandomStream(3, "branchMask", branchSeed, level * 2 ** 16 + part);
      const maskOf = async (earlier: number) => tickets[earlier];
      const given = { level, ticket: tickets[level], maskOf, oneShot: () => maskOf(level), random };
      return (await branchKinds.get(kind).mask?.(given)) as Mask;
    };
    const shared = (a: Mask, b: Mask) => a.biasCount() - a.without(b).biasCount();
    for (const kind of ["shuffled", "random-mask", "inverted"]) {
      for (const level of [1, 4]) {
        const mask = await made(kind, level);
        expect([mask.count(), mask.biasCount()]).toEqual([tickets[level].count(), 10 - 2 * level]);
        expect((await made(kind, level)).equals(mask)).toBe(true);
      }
    }
    const seeds = Array.from({ length: 30 }, (_, seed) => seed);
    const shuffled = await Promise.all(seeds.map((seed) => made("shuffled", 2, seed)));
    for (const mask of shuffled) expect(mask.biasCount(0)).toBe(tickets[2].biasCount(0));
    expect(new Set(shuffled.map((mask) => mask.biasWords.join())).size).toBeGreaterThan(5);
    const random = await Promise.all(seeds.map((seed) => made("random-mask", 4, seed)));
    expect(new Set(random.map((mask) => mask.biasCount(0))).size).toBe(3);
    const inverted = await made("inverted", 4);
    expect(shared(inverted, tickets[0].without(tickets[1]))).toBe(2);
    expect(shared(await made("inverted", 1), tickets[0].without(tickets[1]))).toBe(2);
    // A ticket with all biases keeps them.
    for (const kind of ["shuffled", "random-mask", "inverted"])
      expect((await maskOf(kind, 3)).prunesBiases).toBe(false);
  });

  it("inverted keeps what was pruned first, and no weight of a ticket of less than half", async () => {
    // Level 5 keeps 11: the 9 that went first, and 2 of the next 9.
    const sparse = await maskOf("inverted", 5);
    expect(sharedWeights(sparse, masks[5])).toBe(0);
    const gone = (level: number) => Mask.full(shape).count() - masks[level].count();
    const prunedAt = (mask: Mask, level: number) => {
      const left = masks[level - 1].clone();
      left.words.forEach((word, i) => {
        left.words[i] = word & ~masks[level].words[i];
      });
      return sharedWeights(mask, left);
    };
    expect([gone(1), prunedAt(sparse, 1), prunedAt(sparse, 2), prunedAt(sparse, 3)]).toEqual([9, 9, 2, 0]);
    // Level 1 keeps 47: the 9 that it has lost, and 38 of its own.
    const dense = await maskOf("inverted", 1);
    expect([prunedAt(dense, 1), sharedWeights(dense, masks[1])]).toEqual([9, 38]);
  });
});
