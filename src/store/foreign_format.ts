import { InputError } from "../base/errors.ts";
import { visibleJson } from "../base/visible.ts";

/** A format that is not read, and how its tensors become safetensors. */
interface ForeignFormat {
  readonly what: string;
  /** Python that converts the file; empty where no three lines do. */
  readonly python: (from: string, to: string) => readonly string[];
}

const saveNumpy = "from safetensors.numpy import save_file";

const formats = {
  torch: {
    what: "a file of torch.save",
    python: (from, to) => [
      `import torch; from safetensors.torch import save_file; state = torch.load(${from}, map_location="cpu", weights_only=True)  # False for a whole module, if you trust the file`,
      'state = state.state_dict() if hasattr(state, "state_dict") else next((state[k] for k in ("state_dict", "model_state_dict", "model") if k in state), state)',
      `save_file({k: v.detach().clone().contiguous() for k, v in state.items() if torch.is_tensor(v)}, ${to})`,
    ],
  },
  pickle: {
    what: "a Python pickle",
    python: (from, to) => [
      `import numpy, pickle; ${saveNumpy}`,
      `arrays = pickle.load(open(${from}, "rb"))  # runs code of the file: only if you trust it`,
      `save_file({k: numpy.ascontiguousarray(v) for k, v in arrays.items()}, ${to})`,
    ],
  },
  npz: {
    what: "a NumPy archive",
    python: (from, to) => [
      `import numpy; ${saveNumpy}`,
      `arrays = numpy.load(${from})`,
      `save_file({k: numpy.ascontiguousarray(arrays[k]) for k in arrays.files}, ${to})`,
    ],
  },
  npy: {
    what: "a NumPy array",
    python: (from, to) => [
      `import numpy; ${saveNumpy}`,
      `array = numpy.load(${from})`,
      `save_file({"layers.0.weight": numpy.ascontiguousarray(array)}, ${to})`,
    ],
  },
  hdf5: {
    what: "an HDF5 file, as Keras writes",
    python: (from, to) => [
      `import h5py; ${saveNumpy}; arrays = {}`,
      `h5py.File(${from}).visititems(lambda k, v: arrays.update({k: v[...]}) if getattr(v, "dtype", None) and v.dtype.kind in "biuf" else None)`,
      `save_file(arrays, ${to})`,
    ],
  },
  keras: {
    what: "a Keras model",
    python: (from, to) => [
      `import keras; ${saveNumpy}`,
      `model = keras.models.load_model(${from}, compile=False)`,
      `save_file({w.path: w.numpy() for w in model.weights}, ${to})`,
    ],
  },
  onnx: {
    what: "an ONNX model",
    python: (from, to) => [
      `import onnx, onnx.numpy_helper; ${saveNumpy}`,
      `tensors = onnx.load(${from}).graph.initializer`,
      `save_file({t.name: onnx.numpy_helper.to_array(t).copy() for t in tensors}, ${to})`,
    ],
  },
  msgpack: {
    what: "a Flax checkpoint",
    python: (from, to) => [
      `import numpy; from flax import serialization, traverse_util; ${saveNumpy}`,
      `tree = traverse_util.flatten_dict(serialization.msgpack_restore(open(${from}, "rb").read()), sep="/")`,
      `save_file({k: numpy.ascontiguousarray(v) for k, v in tree.items()}, ${to})`,
    ],
  },
  gguf: { what: "a GGUF file", python: () => [] },
  zip: { what: "a zip file", python: () => [] },
  gzip: { what: "a gzip file: unpack it first", python: () => [] },
  lfs: { what: "a pointer of Git LFS, not the file that it stands for: run git lfs pull", python: () => [] },
} satisfies Record<string, ForeignFormat>;

const byExtension: Readonly<Record<string, keyof typeof formats>> = {
  pt: "torch",
  pth: "torch",
  ckpt: "torch",
  bin: "torch",
  tar: "torch",
  pkl: "pickle",
  pickle: "pickle",
  npz: "npz",
  npy: "npy",
  h5: "hdf5",
  hdf5: "hdf5",
  keras: "keras",
  onnx: "onnx",
  msgpack: "msgpack",
  gguf: "gguf",
};

/** How files of a format begin, as characters of a byte each. */
const byStart: readonly (readonly [start: string, format: keyof typeof formats])[] = [
  ["\x89HDF\r\n\x1a\n", "hdf5"],
  ["\x93NUMPY", "npy"],
  // The number that torch.save wrote first before it wrote zip files.
  ["\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", "torch"],
  ["GGUF", "gguf"],
  ["\x1f\x8b", "gzip"],
  ["version https://git-lfs", "lfs"],
];

/**
 * Refuses a file of a format that others store networks in, and tells how to convert it.
 * @throws InputError with lines of Python
 */
export function refuseForeignFormat(bytes: Uint8Array, name: string): void {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  // A safetensors header is JSON behind its length.
  if (start[8] === "{") return;
  const key = formatOf(start, /\.([^./\\]+)$/.exec(name.toLowerCase())?.[1] ?? "");
  if (!key) return;
  const { what, python }: ForeignFormat = formats[key];
  const lines = python(visibleJson(name), visibleJson(`${name.replace(/\.[^./\\]+$/, "")}.safetensors`));
  const remedy = lines.length > 0 ? "convert it to safetensors in Python:" : "give a safetensors file";
  throw new InputError(`${name}: it is ${what}; ${remedy}`, lines);
}

function formatOf(start: string, extension: string): keyof typeof formats | undefined {
  const found = byStart.find(([magic]) => start.startsWith(magic));
  if (found) return found[1];
  const named = Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
  if (start.startsWith("PK\x03\x04")) {
    // The name of the first entry: its length is at byte 26, its text at byte 30.
    const entry = start.slice(30, 30 + start.charCodeAt(26));
    if (/\/(data\.pkl|\.format_version|byteorder|version)$/.test(entry)) return "torch";
    if (entry.endsWith(".npy")) return "npz";
    return named ?? "zip";
  }
  // A pickle begins with its protocol.
  const protocol = start.charCodeAt(1);
  if (start.charCodeAt(0) === 0x80 && protocol >= 2 && protocol <= 5) return named === "torch" ? "torch" : "pickle";
  return named;
}
