import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { openTicket } from "../../src/store/open_ticket.ts";
import { writeSafetensors } from "../../src/store/safetensors.ts";

const bytes = (text: string) => Uint8Array.from(text.padEnd(70, "\0"), (character) => character.charCodeAt(0));
/** The start of a zip file whose first entry has a name. */
const zip = (entry: string) => bytes(`PK\x03\x04${"\0".repeat(22)}${String.fromCharCode(entry.length)}\0\0\0${entry}`);
const legacyTorch = "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

/** Each snippet was run on files of PyTorch 2.13, NumPy 2.4, h5py 3 and ONNX 1; those of Keras and Flax were not. */
test.each([
  ["m.pth", zip("archive/data.pkl"), "a file of torch.save", "torch.load"],
  ["m.pt2", zip("m/.format_version"), "a file of torch.save", "torch.load"],
  ["no extension", zip("archive/data.pkl"), "a file of torch.save", "torch.load"],
  ["m.model", bytes(legacyTorch), "a file of torch.save", "torch.load"],
  ["m.ckpt", bytes("anything"), "a file of torch.save", "torch.load"],
  ["m.pkl", bytes("\x80\x04\x95"), "a Python pickle", "pickle.load"],
  ["m.bin", bytes("\x80\x02}"), "a file of torch.save", "torch.load"],
  ["m.npz", zip("fc1.weight.npy"), "a NumPy archive", "numpy.load"],
  ["m.npy", bytes("\x93NUMPY"), "a NumPy array", "numpy.load"],
  ["m.H5", bytes("\x89HDF\r\n\x1a\n"), "an HDF5 file, as Keras writes", "h5py.File"],
  ["m.keras", zip("metadata.json"), "a Keras model", "load_model"],
  ["m.onnx", bytes("\x08\x07"), "an ONNX model", "onnx.load"],
  ["m.msgpack", bytes("\x82"), "a Flax checkpoint", "msgpack_restore"],
])("%s is recognised, with three lines of Python", (name, content, what, call) => {
  try {
    openTicket(content, name);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    const { message, lines } = error as InputError;
    expect(message).toBe(`${name}: it is ${what}; convert it to safetensors in Python:`);
    expect(lines).toHaveLength(3);
    expect(lines.join("\n")).toContain(call);
    expect(lines[2]).toContain(`"${name.replace(/\.[^.]*$/, "")}.safetensors")`);
  }
});

test.each([
  ["m.gguf", bytes("GGUF"), "m.gguf: it is a GGUF file; give a safetensors file"],
  [
    "m.safetensors",
    bytes("version https://git-lfs.github.com/spec/v1"),
    /it is a pointer of Git LFS, .* run git lfs pull;/,
  ],
  ["m.safetensors", bytes("\x1f\x8b"), /it is a gzip file: unpack it first/],
  ["m.safetensors", zip("notes.txt"), "m.safetensors: it is a zip file; give a safetensors file"],
])("%s is recognised by its first bytes", (name, content, message) => {
  expect(() => openTicket(content, name)).toThrow(message);
});

test("safetensors are read whatever their name, though their header's length has the bytes of a pickle", () => {
  const tensor = { dtype: "F32", shape: [1, 1], data: new Float32Array([1]) } as const;
  const padding = "x".repeat(0x280);
  let file = writeSafetensors(new Map([["weight", tensor]]), { padding });
  for (let length = 0x280; file[0] !== 0x80 || file[1] !== 2; length -= 8) {
    file = writeSafetensors(new Map([["weight", tensor]]), { padding: padding.slice(0, length - 8) });
  }
  expect(openTicket(file, "m.pth").shape).toEqual([1, 1]);
});
