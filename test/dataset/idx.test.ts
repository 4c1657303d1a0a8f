import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/base/random.ts";
import { parseIdx } from "../../src/dataset/idx.ts";
import { chooseImages, halveImages, readImages } from "../../src/dataset/images.ts";

function idx(dimensions: number[], values: ArrayLike<number>, type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * dimensions.length + values.length);
  bytes[2] = type;
  bytes[3] = dimensions.length;
  for (const [i, size] of dimensions.entries()) new DataView(bytes.buffer).setUint32(4 + 4 * i, size);
  bytes.set(Uint8Array.from(values), 4 + 4 * dimensions.length);
  return bytes;
}

/** The file with one byte changed. */
function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

const good = idx([2, 3], [1, 2, 3, 4, 5, 6]);

test("a well-formed file, also as a view into a larger buffer", () => {
  expect(parseIdx(good, "f", 2)).toEqual({ dimensions: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  const larger = new Uint8Array(good.length + 5);
  larger.set(good, 5);
  expect(parseIdx(larger.subarray(5), "f", 2).values).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
});

const tail = "; this is not the file that is wanted, fetch it again";
test.each([
  ["no header", good.subarray(0, 3), "f: file of 3 bytes, an IDX header has at least 4"],
  ["byte 0", changed(good, 0, 5), "f: byte 0 is 5, an IDX file starts with two zeros"],
  ["byte 1", changed(good, 1, 9), "f: byte 1 is 9, an IDX file starts with two zeros"],
  [
    "gzip",
    Uint8Array.of(0x1f, 0x8b, 8, 0),
    "f: byte 0 is 31, an IDX file starts with two zeros (it is gzip, decompress it)",
  ],
  ["type", changed(good, 2, 13), "f: type code 13 (32-bit float), only 8 (unsigned byte) is read"],
  ["unknown type", changed(good, 2, 7), "f: type code 7 (unknown), only 8 (unsigned byte) is read"],
  ["rank", changed(good, 3, 3), "f: 3 dimensions, 2 are expected"],
  ["cut header", good.subarray(0, 9), "f: file of 9 bytes, a header of 2 dimensions has 12"],
  ["zero dimension", changed(good, 7, 0), "f: dimension 0 is 0, at least 1 is needed"],
  ["huge dimension", changed(good, 4, 255), "f: dimension 0 is 4278190082, the 6 bytes after the header allow 6"],
  ["second dimension", changed(good, 11, 4), "f: dimension 1 is 4, the 6 bytes after the header allow 3"],
  ["too long", changed(good, 11, 2), "f: 6 bytes after the header, dimensions 2 x 2 need 4"],
  ["cut values", good.subarray(0, 17), "f: dimension 1 is 3, the 5 bytes after the header allow 2"],
])("%s", (_, bytes, message) => {
  expect(() => parseIdx(bytes, "f", 2)).toThrow(new InputError(message + tail));
});

const images = (count: number) =>
  idx(
    [count, 28, 28],
    Uint8Array.from({ length: count * 784 }, (_, i) => i % 251),
  );

test("images and labels must belong together", () => {
  expect(() => readImages(idx([1, 2, 3], new Uint8Array(6)), idx([1], [0]), "set")).toThrow(
    "set images: 2 x 3 pixels, 28 x 28 are expected; fetch the file again",
  );
  expect(() => readImages(images(2), idx([3], [0, 1, 2]), "set")).toThrow(
    "set labels: 3 labels for 2 images; fetch both files again",
  );
  expect(() => readImages(images(2), idx([2], [0, 10]), "set")).toThrow(
    "set labels: label 1 is 10, the bound is 9; fetch the file again",
  );
});

test("chosen classes are relabelled by their place, chosen images keep the order of the file", () => {
  const set = readImages(images(6), idx([6], [7, 3, 7, 5, 3, 7]), "set");
  const chance = () => new RandomStream(0, "datasetSplit");
  const all = chooseImages(set, [7, 3], undefined, chance(), "set");
  expect([...all.labels]).toEqual([0, 1, 0, 1, 0]);
  expect(all.images.subarray(784, 2 * 784)).toEqual(set.images.subarray(784, 2 * 784));
  expect(all.images.subarray(4 * 784)).toEqual(set.images.subarray(5 * 784));
  expect(chooseImages(set, [3, 7], 2, chance(), "set").labels).toHaveLength(4);
  expect(() => chooseImages(set, [7, 3], 3, chance(), "set")).toThrow(
    "samplesPerClass: 3 images of class 3 are wanted, set has 2; give a smaller number",
  );
});

test("half the side: the mean of 2 x 2 pixels, rounded half up", () => {
  const pixels = new Uint8Array(2 * 784);
  pixels.set([1, 2], 784);
  pixels.set([3, 4], 784 + 28);
  pixels.set([255, 255], 2 * 784 - 2);
  pixels.set([255, 254], 2 * 784 - 30);
  const half = halveImages({ count: 2, pixels: 784, images: pixels, labels: Uint8Array.of(0, 1) });
  expect(half.pixels).toBe(196);
  expect(half.images).toHaveLength(392);
  expect(half.images[196]).toBe(3);
  expect(half.images[197]).toBe(0);
  expect(half.images[391]).toBe(255);
});
