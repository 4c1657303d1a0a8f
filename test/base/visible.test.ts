import { expect, test } from "vitest";
import { DeviceError, InputError, RunError, StorageError } from "../../src/base/errors.ts";
import { sentence, shown, shownJson, visible, visibleJson, visibleLines } from "../../src/base/visible.ts";

/** Sets the title of a terminal, colours, clears the screen, goes back, turns text round. */
const hostile = "a\u001b]0;title\u0007\u001b[31m\u001b[2J\r\b\u009b2J\u007f\u202eb\u2028\ud800\tc\nd";

test("what a terminal would obey is shown", () => {
  expect(visible(hostile)).toBe("a␛]0;title␇␛[31m␛[2J␍␈\ufffd2J␡\ufffdb\ufffd\ufffd␉c␊d");
  expect(visibleLines(hostile)).toBe("a␛]0;title␇␛[31m␛[2J␍␈\ufffd2J␡\ufffdb\ufffd\ufffd\tc\nd");
});

test("letters of all scripts, emoji and their joiners stay", () => {
  const plain = "größe gro\u0308ße 数据 данные 👩‍🔬 👨🏽‍🔬 👩‍❤️‍👨 🧑‍⚕️ می‌خواهم क्‍ष & <b> (v2) №1";
  expect(visible(plain)).toBe(plain);
});

test("JSON holds them by their codes", () => {
  const text = visibleJson({ name: hostile });
  expect(text).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(text)).toEqual({ name: hostile });
});

test("characters without width are shown, joiners where they join nothing", () => {
  expect(visible("a\u200bb\u2060c\ufeffd\u00ade\u200df\u200cg\u{e0041}h\u3164\u200d")).toBe(
    "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh\ufffd\ufffd",
  );
});

test("a name or value within a sentence has at most 80 characters, of which the middle is left out", () => {
  const long = `start${"x".repeat(30_000_000)}end`;
  expect(shown(long)).toMatch(/^startx+ \.\. x+end$/);
  expect(shownJson(long)).toMatch(/^"startx+ \.\. x+end"$/);
  expect(shownJson(Array.from({ length: 1000 }, () => 1))).toMatch(/^\[1,1,.* \.\. .*1,1\]$/);
  for (const text of [shown(long), shownJson(long), shownJson([long]), shown("👩".repeat(100))]) {
    expect(text.length).toBeLessThanOrEqual(80);
  }
  expect(shown("👩".repeat(100))).not.toMatch(/\p{Cs}/u);
  const circle: unknown[] = [];
  circle.push(circle);
  expect([shown("x"), shownJson("x"), shownJson(undefined), shownJson(circle), shownJson(1n)]).toEqual([
    "x",
    '"x"',
    "nothing",
    "",
    "1",
  ]);
});

test("the message of every error is one line of at most 640 characters, without what a terminal obeys", () => {
  for (const Kind of [InputError, DeviceError, RunError, StorageError]) {
    const { message } = new Kind(`f: tensor ${hostile.repeat(100_000)}\r\n  is wrong\n mend it`);
    expect(message).toMatch(/^f: tensor a␛\]0;title␇.* \.\. .*; is wrong; mend it$/);
    expect(message.length).toBeLessThanOrEqual(640);
    expect(message).toBe(visible(message));
  }
  expect(sentence(" ".repeat(100_000_000))).toBe("");
});
