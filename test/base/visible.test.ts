import { expect, test } from "vitest";
import { visible, visibleJson, visibleLines } from "../../src/base/visible.ts";

/** Sets the title of a terminal, colours, clears the screen, goes back, turns text round. */
const hostile = "a\u001b]0;title\u0007\u001b[31m\u001b[2J\r\b\u009b2J\u007f\u202eb\u2028\ud800\tc\nd";

test("what a terminal would obey is shown", () => {
  expect(visible(hostile)).toBe("a␛]0;title␇␛[31m␛[2J␍␈\ufffd2J␡\ufffdb\ufffd\ufffd␉c␊d");
  expect(visibleLines(hostile)).toBe("a␛]0;title␇␛[31m␛[2J␍␈\ufffd2J␡\ufffdb\ufffd\ufffd\tc\nd");
});

test("letters of all scripts, emoji and their joiners stay", () => {
  const plain = "größe gro\u0308ße 数据 данные 👩‍🔬 & <b> (v2) №1";
  expect(visible(plain)).toBe(plain);
});

test("JSON holds them by their codes", () => {
  const text = visibleJson({ name: hostile });
  expect(text).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(text)).toEqual({ name: hostile });
});
