/** What a tensor is to a layer, by its name. */
export interface TensorRole {
  /** Names the layer within the file, without `params` and `masks`, such as `net.0`; empty for a lone layer. */
  readonly layer: string;
  /** The layer's name as the file has it, such as `params/Dense_0`. */
  readonly shownLayer: string;
  readonly part: "weight" | "bias";
  /**
   * `plain`: the values; `original`: the values before a mask is applied; `mask`: 0 and 1; `stateless-mask`: a tensor named
   * `mask` alone, which another kind of layer may have too; `derived`: a share of the values, which need arithmetic that is
   * not a mask, such as a weight norm; `packed`: values that are stored sparse or packed.
   */
  readonly form: "plain" | "original" | "mask" | "stateless-mask" | "derived" | "packed";
  /** True for Flax and Keras, whose matrices are `[in,out]`. */
  readonly transposed: boolean;
}

/** Top-level names of what is not the network: state of an optimiser, statistics of batches. */
const otherCollections = ["optimizer", "optimizer_weights", "optimizer_state", "opt_state", "optim", "batch_stats"];

type Form = TensorRole["form"];
type Pattern = readonly [pattern: RegExp, part: (match: string) => "weight" | "bias", form: Form];

const named = (match: string) => (match.startsWith("bias") ? "bias" : "weight");

/** Patterns of what follows the name of a layer; the first that fits decides. The groups are layer and part. */
const torchPatterns: readonly Pattern[] = [
  [/^(.*?)\.?\bparametrizations\.(weight|bias)\.original$/s, named, "original"],
  [/^(.*?)\.?\bparametrizations\.(weight|bias)\.\d+\.(?:(?:weight_|bias_)?mask)$/s, named, "mask"],
  [/^(.*?)\.?\bparametrizations\.(weight|bias)\..*$/s, named, "derived"],
  [/^(?:(.*)[./])?(weight|bias)$/s, named, "plain"],
  [/^(?:(.*)[./])?(weight|bias)_orig$/s, named, "original"],
  [/^(?:(.*)[./])?(weight|bias)[._/]mask$/s, named, "mask"],
  [/^(?:(.*)[./])?(weight)_[guv]$/s, named, "derived"],
  [/^(?:(.*)(?<!\bkernel)[./])?(mask)$/s, named, "stateless-mask"],
  [
    /^(?:(.*)[./])?((?:weight|kernel)[._](?:crow_indices|col_indices|ccol_indices|row_indices|indices|values|packed|compressed|bitmask|row_offsets)|qweight|compressed|bitmask)$/s,
    named,
    "packed",
  ],
];
const kerasPatterns: readonly Pattern[] = [
  [/^(?:(.*)[./])?(kernel)$/s, named, "plain"],
  [/^(?:(.*)[./])?(kernel)[._/]mask$/s, named, "mask"],
  // Keras 3 numbers the variables of a layer: those of a dense layer are kernel and bias.
  [/^(?:(.*)\/)?(vars\/0)$/s, named, "plain"],
  [/^(?:(.*)\/)?(vars\/1)$/s, () => "bias", "plain"],
];

/**
 * The role of a tensor by its name, in the conventions of PyTorch (torch.nn.utils.prune, torch.nn.utils.parametrize), Flax,
 * Keras, JaxPruner and OpenLTH.
 * @param isFlax whether the file has a collection `params`: then other collections are not the network
 * @returns undefined for a tensor of another kind
 */
export function tensorRole(name: string, isFlax: boolean): TensorRole | undefined {
  // TensorFlow's variables end in the number of their output.
  const plainName = name.replace(/:\d+$/, "");
  const openLth = /^mask_(.+___.+)$/s.exec(plainName);
  if (openLth) return asMask(roleIn(openLth[1].replaceAll("___", ".")));
  const [collection] = plainName.split(/[./]/, 1);
  const rest = plainName.slice(collection.length + 1);
  if (otherCollections.includes(collection)) return undefined;
  if (rest !== "" && (collection === "masks" || collection === "mask")) {
    const inner = rest.replace(/^params[./]/, "");
    const role = roleIn(inner) ?? { layer: inner, part: "weight", form: "mask", transposed: false };
    return asMask(role, plainName.slice(0, plainName.length - inner.length));
  }
  if (!isFlax) return shown(roleIn(plainName));
  return collection === "params" ? shown(roleIn(rest), `params${plainName["params".length]}`) : undefined;
}

/** Whether a tensor lies in the collection `params` of Flax. */
export function inParams(name: string): boolean {
  return /^params[./]/.test(name);
}

/**
 * Whether a tensor is a factor of a low-rank update (LoRA, LoHa or LoKr, in the names of PEFT, torchtune and kohya): the weight that it
 * belongs to is computed from both.
 */
export function isLowRankFactor(name: string): boolean {
  return /(^|[./])(lora_(?:embedding_)?[abAB]|lora_(?:up|down)|hada_w[12]_[ab]|lokr_w[12](?:_[ab])?)($|[./])/.test(
    name,
  );
}

type Inner = Omit<TensorRole, "shownLayer">;

function roleIn(name: string): Inner | undefined {
  for (const [patterns, transposed] of [
    [torchPatterns, false],
    [kerasPatterns, true],
  ] as const) {
    for (const [pattern, part, form] of patterns) {
      const match = pattern.exec(name);
      if (match) return { layer: match[1] ?? "", part: part(match[2]), form, transposed };
    }
  }
  return undefined;
}

function shown(role: Inner | undefined, collection = ""): TensorRole | undefined {
  return role && { ...role, shownLayer: collection + role.layer };
}

/** The role in a tree of masks, which has the names of the parameters. */
function asMask(role: Inner | undefined, collection = ""): TensorRole | undefined {
  return shown(role && { ...role, form: role.form === "plain" ? "mask" : role.form }, collection);
}
