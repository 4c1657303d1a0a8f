import { InputError } from "../base/errors.ts";
import { sentence, shown, shownJson } from "../base/visible.ts";
import type { DenseLayer } from "./dense_layers.ts";

/** What decided the order of layers. */
export type OrderedBy = "widths" | "numbers" | "widths and numbers" | "option" | "file";

/** The layers of a network, inputs first. */
export interface OrderedLayers {
  readonly layers: readonly DenseLayer[];
  readonly orderedBy: OrderedBy;
  /** Whether the numbers in the names say another order than the widths, as where matrices are the other way round. */
  readonly contradictsNumbers?: boolean;
  /** Dense layers of the file that are not part of the network. */
  readonly leftOut: readonly DenseLayer[];
}

/** The order of the layers is not known: a person must give it. */
export class LayersNeeded extends InputError {
  override name = "LayersNeeded";
  readonly problem: string;

  /**
   * @param problem names the file and what was found
   * @param layerNames as in the file, for the answer
   * @param which layers are to be named
   */
  constructor(
    problem: string,
    readonly layerNames: readonly string[],
    which = "them",
  ) {
    super(`${problem}; name ${which} in their order: --layers a,b,..`);
    this.problem = sentence(problem);
  }
}

/** Most steps of a search for orders; a search that needs more finds the order not unique. */
const mostSteps = 20_000;
/** Layers that are looked at in all steps: less than a second. */
const mostWork = 1_000_000;

/**
 * The order of the dense layers of a file. The order of the tensors in the file is that of their names and says nothing.
 * So it is, in this order: the one that was asked for; the only one in which every layer takes as many inputs as the
 * layer before it gives outputs; among several such orders the only one that has the layers in the order of their numbers, if
 * the names of at most one group of layers differ by numbers alone (two groups, such as those of an encoder and a decoder, may be
 * numbered in opposite directions).
 * @param asked names of layers in their order, or some of them
 * @param file name of the file, for error messages
 * @throws LayersNeeded when neither determines the order
 * @throws InputError when `asked` names no chain of layers of the file
 */
export function orderLayers(
  layers: readonly DenseLayer[],
  asked: readonly string[] | undefined,
  file: string,
): OrderedLayers {
  if (asked) return askedOrder(layers, asked, file);
  const embeddings = layers.filter(isEmbedding);
  let chained = layers;
  let byWidth = chainOrders(chained);
  if (byWidth.length === 0 && embeddings.length > 0 && embeddings.length < layers.length) {
    chained = layers.filter((layer) => !isEmbedding(layer));
    byWidth = chainOrders(chained);
  }
  const leftOut = chained === layers ? [] : embeddings;
  if (byWidth.length === 1) {
    const [found] = byWidth;
    const contradictsNumbers = numberFamilies(found).some((family) =>
      family.some((layer, i) => i > 0 && found.indexOf(layer) < found.indexOf(family[i - 1])),
    );
    return { layers: found, orderedBy: "widths", contradictsNumbers, leftOut };
  }
  if (byWidth.length === 0) throw noChain(layers, file);
  const families = numberFamilies(chained);
  const [numbered, ...more] = families.filter((family) => family.length > 1);
  let byNumber: Orders = [];
  if (numbered && more.length === 0) {
    if (numbered.length === chained.length) {
      if (isChain(numbered)) return { layers: numbered, orderedBy: "numbers", leftOut };
    } else {
      const rank = new Map(numbered.map((layer, i) => [layer, i]));
      byNumber = chainOrders(
        chained,
        (next, left) => !left.some((other) => Number(rank.get(other)) < Number(rank.get(next))),
      );
      if (byNumber.length === 1) return { layers: byNumber[0], orderedBy: "widths and numbers", leftOut };
    }
  }
  const examples = byNumber.length > 1 ? byNumber : byWidth;
  throw new LayersNeeded(
    `${file}: the widths of its layers allow several orders, such as ${examples.map(names).join(" and ")}, and the numbers in their names do not decide`,
    chained.map(({ name }) => name),
  );
}

type Orders = readonly (readonly DenseLayer[])[];

const names = (layers: readonly DenseLayer[]) => layers.map(({ name }) => name).join(",");

/** `fc1 (4 to 8)`. */
function layerText({ name, inputs, outputs }: Pick<DenseLayer, "name" | "inputs" | "outputs">): string {
  return `${shown(name)} (${inputs} to ${outputs})`;
}

/** What decided the order of layers, for a person. */
const reasons: Readonly<Record<OrderedBy, string>> = {
  widths: "the only order that their widths allow",
  numbers: "by the numbers in their names",
  "widths and numbers": "by their widths and the numbers in their names",
  option: "as given",
  file: "as in the file",
};

/** `layers in order: fc1 (4 to 8), fc2 (8 to 2); by the numbers in their names`. */
export function orderText(
  layers: readonly Pick<DenseLayer, "name" | "inputs" | "outputs">[],
  orderedBy: OrderedBy,
  contradictsNumbers = false,
): string {
  const caution = contradictsNumbers
    ? " (the numbers in their names say another, as they do where a matrix is [in,out], not [out,in])"
    : "";
  return `layers in order: ${layers.map(layerText).join(", ")}; ${reasons[orderedBy]}${caution}`;
}

/** An embedding is stored as a matrix `[entries,width]` without a bias, and its name says so. */
function isEmbedding({ key, bias }: DenseLayer): boolean {
  return !bias && key.split(/[./]/).some((part) => /embed|(^|_)embs?(_|$)|^w[tp]e$/i.test(part));
}

function askedOrder(layers: readonly DenseLayer[], asked: readonly string[], file: string): OrderedLayers {
  const named = new Map<string | undefined, Set<DenseLayer>>();
  for (const layer of layers) {
    for (const name of [layer.name, layer.key, layer.weight?.name, layer.masks[0]?.name, unwrapped(layer)]) {
      named.set(name, (named.get(name) ?? new Set()).add(layer));
    }
  }
  const used = new Set<DenseLayer>();
  const chosen = asked.map((name) => {
    const [found, another] = named.get(name) ?? [];
    if (!found || another) {
      const problem = found
        ? `in ${file}, ${shownJson(name)} names several dense layers`
        : `${file} has no dense layer ${shownJson(name)}`;
      throw new InputError(
        `--layers: ${problem}; choose from ${layers.map(({ name: each }) => shown(each)).join(", ")}`,
      );
    }
    if (used.has(found)) throw new InputError(`--layers: ${shown(found.name)} is named twice; name each layer once`);
    used.add(found);
    return found;
  });
  chosen.forEach((layer, i) => {
    const before = chosen[i - 1];
    if (before && before.outputs !== layer.inputs) {
      throw new InputError(
        `--layers: in ${file}, ${layer.name} takes ${layer.inputs} inputs, but ${before.name} before it gives ${before.outputs} outputs; name layers that form a chain`,
      );
    }
  });
  return { layers: chosen, orderedBy: "option", leftOut: layers.filter((layer) => !used.has(layer)) };
}

function isChain(layers: readonly DenseLayer[]): boolean {
  return layers.every(({ inputs }, i) => i === 0 || inputs === layers[i - 1].outputs);
}

/** The name of a layer without the wrappers of PyTorch. */
function unwrapped({ key }: DenseLayer): string {
  const parts = key.split(/[./]/).filter((part) => part !== "module" && part !== "_orig_mod");
  return parts.join(".");
}

/**
 * The layers in groups whose names differ in numbers only, each in the order of the numbers. Wrappers of PyTorch are no part of a
 * name. Layers whose numbers are equal (`fc1` and `fc01`) form groups of their own.
 */
function numberFamilies(layers: readonly DenseLayer[]): DenseLayer[][] {
  const families = new Map<string, { layer: DenseLayer; numbers: number[] }[]>();
  for (const layer of layers) {
    const name = unwrapped(layer);
    const numbers = (name.match(/\d+/g) ?? []).map(Number);
    const pattern = name.replaceAll(/\d+/g, "#");
    const family = families.get(pattern) ?? [];
    families.set(pattern, family);
    family.push({ layer, numbers });
  }
  return [...families.values()].flatMap((family) => {
    if (new Set(family.map(({ numbers }) => numbers.join())).size < family.length)
      return family.map(({ layer }) => [layer]);
    return [family.sort((a, b) => compareLists(a.numbers, b.numbers)).map(({ layer }) => layer)];
  });
}

/** Compares lists of equal length by the first number that differs. */
function compareLists(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((number, at) => number !== b[at]);
  return i === -1 ? 0 : a[i] - b[i];
}

/**
 * Orders in which every layer is used once and takes as many inputs as the layer before it gives outputs: Eulerian trails of the
 * graph that has a node a width and an edge a layer.
 * @param mayFollow whether a layer may be the next, with the layers that are left
 * @returns none, one, or two of several
 */
function chainOrders(
  layers: readonly DenseLayer[],
  mayFollow: (next: DenseLayer, left: readonly DenseLayer[]) => boolean = () => true,
): Orders {
  if (!mayBeTrail(layers)) return [];
  const found: DenseLayer[][] = [];
  const order: DenseLayer[] = [];
  // Not by recursion: a file may hold more layers than the stack has room for.
  const choices: { readonly left: readonly DenseLayer[]; next: number }[] = [{ left: layers, next: 0 }];
  let [steps, work] = [0, 0];
  const isGivenUp = () => steps > mostSteps || work > mostWork;
  for (let choice = choices.at(-1); choice && found.length < 2 && !isGivenUp(); choice = choices.at(-1)) {
    const { left } = choice;
    if (left.length === 0) found.push([...order]);
    const next = left[choice.next++];
    if (!next) {
      choices.pop();
      order.pop();
      continue;
    }
    work++;
    const width = order.at(-1)?.outputs;
    if (width !== undefined && next.inputs !== width) continue;
    const rest = left.filter((layer) => layer !== next);
    work += rest.length;
    if (!mayFollow(next, rest)) continue;
    steps++;
    if (!isTrail(rest, next.outputs)) continue;
    order.push(next);
    choices.push({ left: rest, next: 0 });
  }
  // A search that was given up has not shown that its order is the only one.
  return isGivenUp() && found.length < 2 ? [...found, ...found, layers, layers].slice(0, 2) : found;
}

/** Whether layers can form a chain that starts anywhere. */
function mayBeTrail(layers: readonly DenseLayer[]): boolean {
  const surplus = new Map<number, number>();
  for (const { inputs, outputs } of layers) {
    surplus.set(inputs, (surplus.get(inputs) ?? 0) + 1);
    surplus.set(outputs, (surplus.get(outputs) ?? 0) - 1);
  }
  const [start] = [...surplus].find(([, difference]) => difference > 0) ?? [layers[0].inputs];
  return isTrail(layers, start);
}

/**
 * Whether layers can form a chain that starts at a width: all widths have as many layers that give them as layers that take them,
 * but for start and end, and all layers are connected with the start (Euler 1736; Hierholzer 1873).
 */
function isTrail(layers: readonly DenseLayer[], start: number): boolean {
  if (layers.length === 0) return true;
  const surplus = new Map<number, number>();
  const neighbours = new Map<number, number[]>();
  const add = (width: number, difference: number, other: number) => {
    surplus.set(width, (surplus.get(width) ?? 0) + difference);
    const list = neighbours.get(width);
    if (list) list.push(other);
    else neighbours.set(width, [other]);
  };
  for (const { inputs, outputs } of layers) {
    add(inputs, 1, outputs);
    add(outputs, -1, inputs);
  }
  if (!neighbours.has(start)) return false;
  const uneven = [...surplus].filter(([, difference]) => difference !== 0);
  if (uneven.length > 2 || uneven.some(([width, difference]) => difference !== (width === start ? 1 : -1)))
    return false;
  const reached = new Set([start]);
  for (const width of reached) for (const other of neighbours.get(width) ?? []) reached.add(other);
  return reached.size === neighbours.size;
}

/** The error for layers that form no chain; it names the first break in the order of the numbers, where there is one. */
function noChain(layers: readonly DenseLayer[], file: string): LayersNeeded {
  const layerNames = layers.map(({ name }) => name);
  const [ordered, ...others] = numberFamilies(layers);
  const at = ordered.findIndex(({ inputs }, i) => i > 0 && inputs !== ordered[i - 1].outputs);
  if (others.length === 0 && at > 0) {
    const [before, layer] = ordered.slice(at - 1, at + 1);
    return new LayersNeeded(
      `${file}: layer ${layer.name} takes ${layer.inputs} inputs, but ${before.name} before it gives ${before.outputs} outputs, and its layers form a chain in no other order`,
      layerNames,
      "those of one chain",
    );
  }
  const taken = new Set(layers.map(({ inputs }) => inputs));
  const ends = layers.filter(({ outputs }) => !taken.has(outputs));
  const branches = ends.length > 1 ? ` (it has ${ends.length} ends: ${ends.map(({ name }) => name).join(", ")})` : "";
  return new LayersNeeded(
    `${file}: its layers form a chain in no order: ${layers.map(layerText).join(", ")}${branches}`,
    layerNames,
    "those of one chain",
  );
}
