import { expect, test } from "vitest";
import { sha256 } from "../../src/base/sha256.ts";
import { canonicalJson, specHash } from "../../src/store/spec_hash.ts";

test("SHA-256 gives the published answers (FIPS 180-2, appendix B.1, and of the empty message)", async () => {
  expect(await sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(await sha256(new Uint8Array(0))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("canonical JSON sorts keys at every depth, keeps the order of lists and leaves undefined out", () => {
  expect(canonicalJson({ b: [2, 1], a: { d: null, c: "x" }, e: undefined })).toBe('{"a":{"c":"x","d":null},"b":[2,1]}');
});

test("canonical JSON refuses what JSON would change silently", () => {
  expect(() => canonicalJson({ lr: Number.NaN })).toThrow("internal: number NaN has no JSON form");
});

test("the hash of a spec depends on its values and not on the order of its keys", async () => {
  const hash = specHash({ rate: 0.32, shape: [4, 8, 8, 2] });
  expect(hash).toBe((await sha256('{"rate":0.32,"shape":[4,8,8,2]}')).slice(0, 12));
  expect(specHash({ shape: [4, 8, 8, 2], rate: 0.32 })).toBe(hash);
  expect(specHash({ shape: [4, 8, 8, 2], rate: 0.33 })).not.toBe(hash);
});
