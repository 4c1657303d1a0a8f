import { expect, test } from "vitest";
import { JsonError, parseJsonBytes, parseJsonText } from "../../src/base/json.ts";

const refusal = (text: string) => {
  try {
    return JSON.stringify(parseJsonText(text));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.message;
  }
};

test("100 lists and objects within each other are read, more are not, however many", () => {
  const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const objects = (depth: number) => '{"a":'.repeat(depth) + 1 + "}".repeat(depth);
  for (const nested of [lists, objects]) {
    expect(refusal(nested(100))).toBe(nested(100));
    expect(refusal(nested(101))).toMatch(
      /^JSON of more than 100 lists and objects within each other, at character \d+$/,
    );
    expect(refusal(nested(200_000))).toMatch(/^JSON of more than 100 lists/);
  }
  expect(refusal("[".repeat(200_000))).toMatch(/^JSON of more than 100 lists/);
  // Side by side, and within a text.
  expect(parseJsonText(`[${"[],".repeat(1000)}"${"[".repeat(200)}"]`)).toHaveLength(1001);
});

test("a million lists and objects are read, more are not", () => {
  const text = `[${"[],".repeat(999_998)}{}]`;
  expect(parseJsonText(text)).toHaveLength(999_999);
  expect(refusal(`[${text}]`)).toBe("JSON of more than 1000000 lists and objects");
});

test("a key that stands twice in one object is named, wherever it stands and however it is written", () => {
  expect(refusal('{"a":1,"b":2,"a":3}')).toBe('JSON with the key "a" twice in one object');
  expect(refusal('[{"x":{"rate":1, "rate" :2}}]')).toBe('JSON with the key "rate" twice in one object');
  expect(refusal('{"a":1,"\\u0061":2}')).toBe('JSON with the key "a" twice in one object');
  expect(refusal('{"\\"":1,"\\\\":2,"\\"":3}')).toBe('JSON with the key """ twice in one object');
  expect(refusal('{"__proto__":1,"__proto__":2}')).toBe('JSON with the key "__proto__" twice in one object');
  for (const text of [
    '{"a":"a","b":["a","a"]}',
    '[{"a":1},{"a":2}]',
    '{"a":{"a":1},"b":{"a":2}}',
    '{"a":"\\"a\\":"}',
  ]) {
    expect(refusal(text)).toBe(text);
  }
});

test("a number that float64 does not hold is refused, wherever it stands", () => {
  for (const number of ["1e999", "-1E+400", `1${"0".repeat(400)}`, "1e00309"]) {
    expect(refusal(`{"a":[1,{"b":${number}}]}`)).toBe("JSON with a number beyond float64");
  }
  expect(parseJsonText('[1e308,1e-999,"1e999"]')).toEqual([1e308, 0, "1e999"]);
});

test("what is no JSON is said, without what a terminal obeys", () => {
  for (const text of [
    "",
    "{",
    '"a',
    '{"a"',
    "[1,]",
    "nul",
    "\u001b[2J",
    '{"a\u001b":}',
    '"\\',
    "{\u2028}",
    '{"a":1}}',
  ]) {
    expect(refusal(text)).toMatch(/^not JSON \(.+\)$/s);
  }
  expect(() => parseJsonBytes(Uint8Array.of(0x22, 0xff, 0x22))).toThrow("not UTF-8");
  expect(parseJsonBytes(new TextEncoder().encode("\ufeff[1]"))).toEqual([1]);
  // V8 ends the process at a list of 2^27 elements.
  expect(() => parseJsonBytes(new Uint8Array(100_000_001))).toThrow(
    "JSON of 100000001 bytes, at most 100000000 are read",
  );
});
