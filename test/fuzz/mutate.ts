import type { Chance } from "./chance.ts";

/** Texts that a terminal, a page, a path or an object obeys. */
const hostileTexts = [
  "",
  " ",
  "\u001b]0;owned\u0007\u001b[2J\u001b[31m",
  "\u009b31m",
  "a\nINJECTED",
  "a\r\nINJECTED",
  "\u2028INJECTED",
  "\u202egnp.exe",
  "\u200b\u200d\u2060\ufeff",
  "\ud800",
  "\0",
  "<script>alert(1)</script>",
  "</title><script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "`x`[a](javascript:alert(1))|<!--",
  "\"&'><",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "length",
  "../../../etc/passwd",
  "..\\..\\x",
  "/dev/zero",
  "C:\\x",
  "-0",
  "1e999",
  "0x10",
  "1_000",
  "١٢٣",
  "👩‍🔬",
  "ß".repeat(300),
  "x".repeat(5000),
  "=cmd()",
  "%s%n",
  "%00%ff",
];

/** Numbers at the ends of what types hold, as JSON writes them or does not. */
const extremes = [
  "0",
  "-0",
  "1",
  "-1",
  "0.5",
  "2",
  "1e-320",
  "5e-324",
  "1e308",
  "-1e308",
  "1e999",
  "-1e999",
  "255",
  "256",
  "1000",
  "1001",
  "65535",
  "65536",
  "2147483647",
  "2147483648",
  "4294967295",
  "4294967296",
  "9007199254740991",
  "9007199254740992",
  "1e21",
  "0.1e-9",
  "NaN",
  "Infinity",
  "1n",
  "0x1f",
  "01",
  "1.",
  "+1",
];

export function hostileText(chance: Chance): string {
  return chance.pick(hostileTexts);
}

/** Changes bytes: flips, sets, inserts, removes, repeats, cuts off, or overwrites a length with an extreme one. */
export function mutateBytes(bytes: Uint8Array, chance: Chance): Uint8Array<ArrayBuffer> {
  let changed = new Uint8Array(bytes);
  for (let left = 1 + chance.size(3); left > 0; left--) changed = mutateOnce(changed, chance);
  return changed;
}

function mutateOnce(bytes: Uint8Array<ArrayBuffer>, chance: Chance): Uint8Array<ArrayBuffer> {
  const at = chance.below(bytes.length + 1);
  const count = 1 + chance.size(6);
  switch (chance.below(9)) {
    case 0:
      if (bytes.length > 0) bytes[at % bytes.length] ^= 1 << chance.below(8);
      return bytes;
    case 1:
      if (bytes.length > 0) bytes[at % bytes.length] = chance.pick([0, 1, 9, 10, 13, 34, 44, 0x7f, 0x80, 0xff]);
      return bytes;
    case 2:
      return spliced(
        bytes,
        at,
        0,
        Uint8Array.from({ length: count }, () => chance.below(256)),
      );
    case 3:
      return spliced(bytes, at, count, new Uint8Array());
    case 4:
      return spliced(bytes, at, 0, bytes.slice(at, at + count * 4));
    case 5:
      return bytes.slice(0, at);
    case 6:
      return spliced(bytes, at, chance.below(2) * count, new TextEncoder().encode(hostileText(chance)));
    case 7: {
      const width = chance.pick([1, 2, 4, 8]);
      if (at + width > bytes.length) return bytes;
      const value = chance.pick([0n, 1n, 0x7fn, 0xffn, 0xffffn, 0x7fffffffn, 0xffffffffn, 2n ** 53n, 2n ** 64n - 1n]);
      for (let i = 0; i < width; i++) {
        const place = chance.oneIn(4) ? width - 1 - i : i;
        bytes[at + i] = Number((value >> BigInt(8 * place)) & 0xffn);
      }
      return bytes;
    }
    default: {
      const to = chance.below(bytes.length + 1);
      bytes.copyWithin(to, at, at + count);
      return bytes;
    }
  }
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array<ArrayBuffer> {
  const rest = bytes.subarray(Math.min(bytes.length, at + removed));
  const joined = new Uint8Array(at + added.length + rest.length);
  joined.set(bytes.subarray(0, at));
  joined.set(added, at);
  joined.set(rest, at + added.length);
  return joined;
}

/** Changes a text by its bytes, lines or cells. */
export function mutateText(text: string, chance: Chance): string {
  if (chance.oneIn(3)) return decoded(mutateBytes(new TextEncoder().encode(text), chance));
  const separator = chance.pick(["\n", ",", ":", "=", "+", "&", "..", " ", ";"]);
  const parts = text.split(separator);
  for (let left = 1 + chance.size(2); left > 0; left--) {
    const at = chance.below(parts.length);
    const value = chance.oneIn(2) ? chance.pick(extremes) : hostileText(chance);
    switch (chance.below(7)) {
      case 0:
        parts[at] = value;
        break;
      case 1:
        parts.splice(at, 1);
        break;
      case 2:
        parts.splice(at, 0, parts[at] ?? "");
        break;
      case 3:
        parts.splice(at, 0, value);
        break;
      case 4:
        parts[at] = `${parts[at] ?? ""}${value}`;
        break;
      case 5:
        parts[at] = (parts[at] ?? "").replace(/\d+/, value);
        break;
      default:
        parts.push(...Array.from({ length: chance.size(10) }, () => parts[at] ?? ""));
    }
  }
  return parts.join(chance.oneIn(20) ? chance.pick(["\n", ",", ";", "\t", "\r"]) : separator);
}

export function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A JSON value that can also hold what JSON.stringify does not write: raw texts, and keys that stand twice. */
class Raw {
  constructor(readonly text: string) {}
}
class Entries {
  constructor(readonly entries: [string, unknown][]) {}
}

/** Changes a JSON text by its tree, and sometimes its text thereafter. */
export function mutateJson(json: string, chance: Chance): string {
  const root = { value: undefined as unknown };
  try {
    root.value = opened(JSON.parse(json));
  } catch {
    // It was changed before.
    return mutateText(json, chance);
  }
  for (let left = 1 + chance.size(2); left > 0; left--) mutateTree(root, chance);
  const text = written(root.value);
  return chance.oneIn(12) ? mutateText(text, chance) : text;
}

function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  return new Entries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

function written(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (value instanceof Entries) {
    return `{${value.entries.map(([key, inner]) => `${JSON.stringify(key)}:${written(inner)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** A place of a value in the tree. */
interface Place {
  readonly get: () => unknown;
  readonly set: (value: unknown) => void;
}

function mutateTree(root: { value: unknown }, chance: Chance): void {
  const place = somePlace(root, chance);
  const value = place.get();
  const size = Array.isArray(value) ? value.length : value instanceof Entries ? value.entries.length : 0;
  if (size > 0 && chance.oneIn(2)) {
    mutateContainer(value as unknown[] | Entries, size, chance);
    return;
  }
  place.set(otherValue(value, root, chance));
}

/** Walks down from the root; each value below it can be reached. */
function somePlace(root: { value: unknown }, chance: Chance): Place {
  let place: Place = {
    get: () => root.value,
    set: (value) => {
      root.value = value;
    },
  };
  for (;;) {
    const value = place.get();
    const list = value instanceof Entries ? value.entries : Array.isArray(value) ? value : [];
    if (list.length === 0 || chance.oneIn(4)) return place;
    const at = chance.below(list.length);
    place =
      value instanceof Entries
        ? {
            get: () => value.entries[at][1],
            set: (inner) => {
              value.entries[at][1] = inner;
            },
          }
        : {
            get: () => (value as unknown[])[at],
            set: (inner) => {
              (value as unknown[])[at] = inner;
            },
          };
  }
}

function mutateContainer(value: unknown[] | Entries, size: number, chance: Chance): void {
  const at = chance.below(size);
  const list: unknown[] = value instanceof Entries ? value.entries : value;
  switch (chance.below(value instanceof Entries ? 6 : 5)) {
    case 0:
      list.splice(at, 1);
      return;
    case 1:
      list.splice(chance.below(size + 1), 0, value instanceof Entries ? [...value.entries[at]] : list[at]);
      return;
    case 2:
      list.splice(at, chance.below(size) + 1);
      return;
    case 3:
      if (size < 5000) list.push(...Array.from({ length: chance.size(9) }, () => list[at]));
      return;
    case 4: {
      const other = chance.below(size);
      [list[at], list[other]] = [list[other], list[at]];
      return;
    }
    default:
      if (value instanceof Entries) value.entries[at][0] = hostileText(chance);
  }
}

function otherValue(value: unknown, root: { value: unknown }, chance: Chance): unknown {
  switch (chance.below(12)) {
    case 0:
    case 1:
    case 2:
      return new Raw(chance.pick(extremes));
    case 3:
      return hostileText(chance);
    case 4:
      return chance.pick([null, true, false, "", new Raw("[]"), new Raw("{}")]);
    case 5:
      return [value];
    case 6:
      return new Entries([[chance.oneIn(2) ? "a" : hostileText(chance), value]]);
    case 7: {
      const depth = chance.pick([2, 50, 99, 101, 3000]);
      const [open, close] = chance.pick([
        ["[", "]"],
        ['{"a":', "}"],
      ]);
      return new Raw(open.repeat(depth) + written(value) + close.repeat(depth));
    }
    case 8:
      // A copy: a part of itself would have no end.
      return new Raw(written(somePlace(root, chance).get()).slice(0, 20_000));
    case 9:
      return typeof value === "number"
        ? new Raw(String(value * chance.pick([-1, 0.1, 10, 1e9, 1 / 3])))
        : String(value);
    case 10:
      return new Raw(
        chance.pick(['"\\u0000"', '"\\ud800"', "undefined", "'a'", "[1,]", "{,}", "nul", '"\n"', "// x\n1"]),
      );
    default:
      return Array.from({ length: chance.size(8) }, () => chance.below(3));
  }
}
