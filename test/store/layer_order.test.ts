import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import type { DenseLayer } from "../../src/store/dense_layers.ts";
import { LayersNeeded, orderLayers } from "../../src/store/layer_order.ts";

/** Layers from `name:inputs:outputs`, and with `:bias` at the end a bias. */
const layersOf = (text: string): DenseLayer[] =>
  text.split(" ").map((each) => {
    const [name, inputs, outputs, bias] = each.split(":");
    const tensor = { dtype: "F32", shape: [], data: new Float32Array(0) } as const;
    return {
      ...{
        name,
        key: name,
        inputs: Number(inputs),
        outputs: Number(outputs),
        transposed: false,
        masks: [],
        biasMasks: [],
      },
      ...(bias && { bias: { name: `${name}.bias`, tensor } }),
    };
  });
const order = (text: string, asked?: string) => {
  const { layers, orderedBy, leftOut } = orderLayers(layersOf(text), asked?.split(","), "f");
  const left = leftOut.length > 0 ? ` without ${leftOut.map(({ name }) => name).join(",")}` : "";
  return `${layers.map(({ name }) => name).join(",")} by ${orderedBy}${left}`;
};

test.each([
  [
    "a well-known repository",
    "fc:100:10 fc_layers.0:784:300 fc_layers.1:300:100",
    "fc_layers.0,fc_layers.1,fc by widths",
  ],
  ["number words of unequal widths", "one:4:8 two:16:32 three:8:16 out:32:2", "one,three,two,out by widths"],
  ["numbers that contradict the widths", "l.0:8:2 l.1:4:8", "l.1,l.0 by widths"],
  ["one layer", "weight:4:2", "weight by widths"],
  ["a bottleneck and its return", "down:8:4 up:4:9", "down,up by widths"],
  ["numbers, by value", "net.10:8:8 net.2:8:8 net.0:4:8 net.12:8:8", "net.0,net.2,net.10,net.12 by numbers"],
  ["two numbers", "b.1.fc1:8:8 b.0.fc2:8:8 b.0.fc1:8:8 b.1.fc2:8:8", "b.0.fc1,b.0.fc2,b.1.fc1,b.1.fc2 by numbers"],
  [
    "wrappers",
    "module.fc1:4:4 _orig_mod.fc2:4:4 fc3._orig_mod:4:4",
    "module.fc1,_orig_mod.fc2,fc3._orig_mod by numbers",
  ],
  ["numbers between others", "embed:4:8 h3:8:8 h1:8:8 h2:8:8 out:8:2", "embed,h1,h2,h3,out by widths and numbers"],
  ["a circle", "fc2:8:4 fc1:4:8", "fc1,fc2 by numbers"],
  ["an embedding", "embed.tokens:16:1000 fc:16:32 out:32:2", "fc,out by widths without embed.tokens"],
  ["a dense layer that is named an embedding", "embed:4:8 out:8:2", "embed,out by widths"],
])("%s", (_, layers, expected) => {
  expect(order(layers)).toBe(expected);
  expect(order(layers.split(" ").reverse().join(" "))).toBe(expected);
});

test.each([
  [
    "number words of equal widths",
    "embed:4:8 hidden_one:8:8 hidden_three:8:8 hidden_two:8:8 out:8:2",
    /^f: the widths of its layers allow several orders, such as embed,hidden_one,hidden_three,hidden_two,out and embed,hidden_one,hidden_two,hidden_three,out, and the numbers in their names do not decide; name them in their order: --layers a,b,\.\.$/,
  ],
  [
    "an encoder and a decoder, numbered in opposite directions",
    "e1:64:32 e2:32:16 d2:16:32 d1:32:64",
    /several orders/,
  ],
  ["an encoder and a decoder, numbered alike", "e.0:64:32 e.2:32:16 d.0:16:32 d.2:32:64", /several orders/],
  ["two groups with numbers", "a1:8:8 a2:8:8 b1:4:8 b2:8:2", /several orders/],
  [
    "two networks of many layers",
    Array.from({ length: 24 }, (_, i) => `${i % 2}${"abcdefghijkl"[i >> 1]}:${8 + (i % 2)}:${8 + (i % 2)}`).join(" "),
    /form a chain in no order/,
  ],
  ["a number and its form with a zero", "fc1:8:8 fc01:8:8", /several orders/],
  ["a circle without numbers", "a:4:8 b:8:4", /several orders, such as a,b and b,a,/],
  [
    "two heads",
    "trunk:4:8 a:8:1 b:8:1",
    /^f: its layers form a chain in no order: trunk \(4 to 8\), a \(8 to 1\), b \(8 to 1\) \(it has 2 ends: a, b\); name those of one chain in their order: --layers a,b,\.\.$/,
  ],
  ["two networks", "a:4:8 b:3:2", /form a chain in no order/],
  ["a shortcut", "fc1:4:8 fc2:8:8 fc3:8:2 short:4:2", /form a chain in no order/],
  ["embeddings alone", "embed.a:4:8 embed.b:4:9", /form a chain in no order/],
])("asks: %s", (_, layers, message) => {
  expect(() => order(layers)).toThrow(LayersNeeded);
  expect(() => order(layers)).toThrow(message);
});

describe("--layers", () => {
  const words = "embed:4:8 hidden_one:8:8 hidden_three:8:8 hidden_two:8:8 out:8:2";
  test("gives the order, or the layers of a part", () => {
    expect(order(words, "embed,hidden_one,hidden_two,hidden_three,out")).toBe(
      "embed,hidden_one,hidden_two,hidden_three,out by option",
    );
    expect(order(words, "embed,out")).toBe("embed,out by option without hidden_one,hidden_three,hidden_two");
    expect(order("fc1:4:8 fc2:8:8 fc3:8:8", "fc1,fc3,fc2")).toBe("fc1,fc3,fc2 by option");
  });
  test.each([
    ["embed,nowhere", 'f has no dense layer "nowhere"; choose from embed, hidden_one, hidden_three, hidden_two, out'],
    [
      'say "NaN"',
      String.raw`f has no dense layer "say \"NaN\""; choose from embed, hidden_one, hidden_three, hidden_two, out`,
    ],
    ["", 'f has no dense layer ""; choose from embed, hidden_one, hidden_three, hidden_two, out'],
    ["embed,hidden_one,hidden_one", "hidden_one is named twice; name each layer once"],
    ["out,embed", "in f, embed takes 4 inputs, but out before it gives 2 outputs; name layers that form a chain"],
  ])("refuses %s", (asked, message) => {
    expect(() => order(words, asked)).toThrow(new InputError(`--layers: ${message}`));
  });
  test("refuses a name that two layers have, with and without the wrapper of PyTorch", () => {
    expect(() => order("module.fc1:4:8 _orig_mod.fc1:8:8 fc2:8:2", "fc1,fc2")).toThrow(
      new InputError('--layers: in f, "fc1" names several dense layers; choose from module.fc1, _orig_mod.fc1, fc2'),
    );
  });
});

test("an order is found exactly where trying all orders finds one", () => {
  const layer = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
  const permutations = (list: readonly DenseLayer[]): DenseLayer[][] =>
    list.length === 0
      ? [[]]
      : list.flatMap((one) => permutations(list.filter((other) => other !== one)).map((rest) => [one, ...rest]));
  fc.assert(
    fc.property(fc.array(layer, { minLength: 1, maxLength: 5 }), (pairs) => {
      // Letters say nothing of the order.
      const layers = layersOf(pairs.map(([inputs, outputs], i) => `${"abcde"[i]}:${inputs}:${outputs}`).join(" "));
      const chains = permutations(layers).filter((chain) =>
        chain.every(({ inputs }, i) => i === 0 || inputs === chain[i - 1].outputs),
      );
      if (chains.length === 1) expect(orderLayers(layers, undefined, "f").layers).toEqual(chains[0]);
      else
        expect(() => orderLayers(layers, undefined, "f")).toThrow(
          chains.length === 0 ? /in no order/ : /several orders/,
        );
    }),
  );
});

test("layers may be asked for without the wrappers of PyTorch", () => {
  expect(order("module._orig_mod.a:8:8 module._orig_mod.b:8:8", "b,a")).toBe(
    "module._orig_mod.b,module._orig_mod.a by option",
  );
});

test("more layers than the stack has room for are a question or an answer, soon", () => {
  // Widths 1, 2, 3, .. allow one order; of 5,000 layers it is not searched, and their names have no numbers.
  const letters = (i: number) => Array.from(String(i), (digit) => "abcdefghij"[Number(digit)]).join("");
  const chain = (count: number) => Array.from({ length: count }, (_, i) => `${letters(i)}:${i + 1}:${i + 2}`).join(" ");
  expect(order(chain(500))).toMatch(/ by widths$/);
  expect(() => order(chain(5000))).toThrow(/several orders/);
  const apart = Array.from({ length: 20_000 }, (_, i) => `${letters(i)}:${2 * i + 1}:${2 * i + 2}`).join(" ");
  expect(() => order(apart)).toThrow(/in no order/);
});

test("many layers of one width take no time", () => {
  const many = Array.from({ length: 2000 }, (_, i) => `fc${i}:8:8`).join(" ");
  expect(order(many)).toMatch(/^fc0,fc1,.*,fc1999 by numbers$/);
  const mixed = `first:8:8 ${Array.from({ length: 200 }, (_, i) => `fc${i}:8:8`).join(" ")} last:8:2`;
  expect(() => order(mixed)).toThrow(/several orders/);
});
