import type { PeerCase } from "./cases.ts";

interface RowFacts {
  readonly name: string;
  /** Whether it trains this case; if not, its cell is empty. */
  readonly takesPart: (one: PeerCase) => boolean;
}

/** A peer: a program in a child process. */
export type PeerRow = RowFacts & {
  readonly kind: "peer";
  /** The program, then its file in this folder, then its arguments. */
  readonly command: readonly [program: string, file: string, ...args: string[]];
  /** Trains one network at a time: its figure for a population is that of one network. */
  readonly isOneByOne: boolean;
  /** Target speed-up of ours over this peer, by {@link figure}. */
  readonly toReach: Readonly<Record<string, number>>;
};

/** One line of the table. */
export type Row =
  | (RowFacts & { readonly kind: "adapter"; readonly engine: "resident" | "tiled" })
  | (RowFacts & { readonly kind: "cpu"; readonly cores: "one" | "all" })
  | PeerRow;

/** Key of a case in `toReach`: its shape, and its kept weights, population and `level` where they apply. */
export function figure({ shape, population, mask, levelEpochs }: PeerCase): string {
  const kept = mask.count() < mask.size ? ` ${mask.count()} weights` : "";
  return `${shape}${kept}${population > 1 ? ` of ${population}` : ""}${levelEpochs ? " level" : ""}`;
}

const always = () => true;
const alone = ({ population }: PeerCase) => population === 1;
const together = ({ population }: PeerCase) => population > 1;

/** A peer that trains one network at a time. */
function single(name: string, command: PeerRow["command"], toReach: PeerRow["toReach"] = {}): PeerRow {
  return { kind: "peer", name, takesPart: alone, command, isOneByOne: true, toReach };
}

/** A peer that trains a population in one program. */
function batched(name: string, command: PeerRow["command"], toReach: PeerRow["toReach"] = {}): PeerRow {
  return { kind: "peer", name, takesPart: together, command, isOneByOne: false, toReach };
}

const js = (file: string, backend: string) => [process.execPath, file, backend] as const;
const python = (file: string, ...args: string[]) => ["python3", `python/${file}`, ...args] as const;

const [small, of32, image] = ["4,70,70,2", "4,70,70,2 of 32", "784,300,100,10"];
/** On a GPU. */
const [of256, fewOf256, large] = ["4,70,70,2 of 256", "4,57,57,2 112 weights of 256", "1568,784,392,20"];

/** All rows of the table, ours first. All peers train sparse networks as dense ones with masked gradients. */
export const rows: readonly Row[] = [
  { kind: "adapter", name: "Split Ticket resident", engine: "resident", takesPart: always },
  { kind: "adapter", name: "Split Ticket tiled", engine: "tiled", takesPart: always },
  { kind: "cpu", name: "Split Ticket cpu, one core", cores: "one", takesPart: always },
  { kind: "cpu", name: "Split Ticket cpu, all cores", cores: "all", takesPart: together },
  single("TensorFlow.js webgpu", js("tfjs.mjs", "webgpu"), { [small]: 15, [of32]: 30, [image]: 1.5 }),
  batched("TensorFlow.js webgpu, batched matMul", js("tfjs.mjs", "webgpu")),
  single("TensorFlow.js wasm", js("tfjs.mjs", "wasm"), { [small]: 20 }),
  batched("TensorFlow.js wasm, batched matMul", js("tfjs.mjs", "wasm")),
  single("TensorFlow.js cpu", js("tfjs.mjs", "cpu")),
  single("jax-js webgpu", js("jax_js.mjs", "webgpu"), { [small]: 5, [of32]: 10, [image]: 1.5 }),
  batched("jax-js webgpu, vmap", js("jax_js.mjs", "webgpu")),
  single("jax-js wasm", js("jax_js.mjs", "wasm"), { [small]: 30 }),
  batched("jax-js wasm, vmap", js("jax_js.mjs", "wasm")),
  single("PyTorch eager", python("torch_peer.py", "eager"), { [large]: 1 }),
  single("PyTorch CUDA graphs", python("torch_peer.py", "graphs"), { [large]: 1 }),
  batched("PyTorch bmm", python("torch_peer.py", "eager"), { [of32]: 1 / 3 }),
  batched("PyTorch bmm, CUDA graphs", python("torch_peer.py", "graphs")),
  {
    ...single("JAX jit, scan, vmap", python("jax_peer.py"), { [of256]: 2, [fewOf256]: 10 }),
    takesPart: always,
    isOneByOne: false,
  },
];
