import { InputError } from "../../src/base/errors.ts";
import { RandomStream } from "../../src/base/random.ts";
import { MemoryFiles } from "../../src/store/memory.ts";
import { levelOf } from "../../src/store/run_path.ts";
import { type Contents, differingFiles, sameBytes, TinyRuns } from "./tiny_runs.ts";

/** What a run made of a damaged file. */
export type Verdict =
  | /** It named the file and ended with the bytes of a run without damage. */ "mended"
  | /** It named `run.json`, which nothing can tell again, and wrote nothing. */ "refused"
  | "silent"
  | "differing"
  | "internal";

/** A damaged file of a run. */
export interface DamageCase {
  /** `4 levels, kept, after level 2`. */
  readonly state: string;
  readonly file: string;
  readonly kind: string;
}

/** A case and what came of it. */
export interface Trial extends DamageCase {
  readonly verdict: Verdict;
  /** What differs, or the error; for people. */
  readonly detail: string;
}

/** Ways to damage a file; undefined where the way does not apply to it. */
type Damager = (
  bytes: Uint8Array,
  about: { file: string; own: Contents; otherSeed: Contents; random: (below: number) => number },
) => Uint8Array | "deleted" | undefined;

const isText = (file: string) => file.endsWith(".jsonl") || file.endsWith(".json");
const swapped = (file: string, own: Contents) => {
  const level = levelOf(file);
  return level === undefined ? undefined : own[`level-0${level === 0 ? 1 : level - 1}.safetensors`];
};

const damagers: Readonly<Record<string, Damager>> = {
  deleted: () => "deleted",
  emptied: () => new Uint8Array(0),
  cut: (bytes, { random }) => bytes.slice(0, random(bytes.length)),
  "cut by a byte": (bytes) => bytes.slice(0, -1),
  zeroed: (bytes) => new Uint8Array(bytes.length),
  "a flipped bit": (bytes, { random }) => {
    const flipped = bytes.slice();
    flipped[random(bytes.length)] ^= 1 << random(8);
    return flipped;
  },
  "of another seed": (_, { file, otherSeed }) =>
    isText(file) && file !== "levels.jsonl" ? undefined : otherSeed[file],
  "of another level": (_, { file, own }) => swapped(file, own),
  "an edited digit": (bytes, { file, random }) => {
    if (!isText(file)) return undefined;
    const digits = [...bytes.keys()].filter((at) => bytes[at] >= 48 && bytes[at] < 58);
    const at = digits[random(digits.length)];
    const edited = bytes.slice();
    edited[at] = bytes[at] === 57 ? 49 : bytes[at] + 1;
    return edited;
  },
  "lines twice": (bytes, { file }) => (file.endsWith(".jsonl") ? new Uint8Array([...bytes, ...bytes]) : undefined),
  "a line null": (bytes, { file }) =>
    file.endsWith(".jsonl") ? new Uint8Array([...new TextEncoder().encode("null\n"), ...bytes]) : undefined,
};

interface State {
  readonly name: string;
  readonly runs: TinyRuns;
  readonly files: MemoryFiles;
  readonly own: Contents;
  readonly otherSeed: Contents;
  /** What a run without damage ends with. */
  readonly whole: Contents;
}

/** The seed of the damaged runs; files of another seed are of the next one. */
const seed = 3;

/**
 * Damages files of stopped and of finished runs and runs them again.
 * @param count number of cases; those of one call are chosen by `randomSeed`; undefined: each file of each state in each way
 * @param each hears every trial
 */
export async function damageRuns(
  { count, randomSeed = 1 }: { count?: number; randomSeed?: number },
  each: (trial: Trial) => void,
): Promise<Record<Verdict, number>> {
  const stream = new RandomStream(randomSeed, "initialWeights");
  const random = (below: number) => Math.floor(stream.nextUniform() * below);
  const opened = [await TinyRuns.open(), await TinyRuns.open({ keepTrained: true, keepCurves: true })];
  try {
    const states: State[] = [];
    for (const runs of opened) {
      const whole = await runs.contents(await runs.filesAfter(4, seed), seed);
      for (const levels of [1, 2, 3, 4]) {
        const files = await runs.filesAfter(levels, seed);
        const own = await runs.contents(files, seed);
        const otherSeed = await runs.contents(await runs.filesAfter(levels, seed + 1), seed + 1);
        const name = `${runs.spec.keepTrained ? "with weights and curves" : "plain"}, ${levels < 4 ? `after level ${levels - 1}` : "ended"}`;
        states.push({ name, runs, files, own, otherSeed, whole });
      }
    }
    const counts: Record<Verdict, number> = { mended: 0, refused: 0, silent: 0, differing: 0, internal: 0 };
    const cases = states.flatMap((state) =>
      [...Object.keys(state.own), "timings.jsonl"].flatMap((file) =>
        Object.keys(damagers).map((kind) => ({ state, file, kind })),
      ),
    );
    let done = 0;
    const chosen = count === undefined ? cases : Array.from({ length: 4 * count }, () => cases[random(cases.length)]);
    for (const one of chosen) {
      if (done === count) break;
      const trial = await tryOne(one.state, one.file, one.kind, random);
      if (!trial) continue;
      done++;
      counts[trial.verdict]++;
      each(trial);
    }
    return counts;
  } finally {
    for (const runs of opened) runs.close();
  }
}

/** Damages a file of a state and runs; undefined where the damage does not apply or changes nothing. */
async function tryOne(
  state: State,
  file: string,
  kind: string,
  random: (below: number) => number,
): Promise<Trial | undefined> {
  const { runs, own, otherSeed, whole } = state;
  const path = `${await runs.path(seed)}/${file}`;
  const files = new MemoryFiles(state.files.entries());
  const before = await files.read(path);
  const made = damagers[kind](before, { file, own, otherSeed, random });
  if (made === undefined || (made !== "deleted" && sameBytes(made, before))) return undefined;
  if (made === "deleted") await files.remove(path);
  else await files.write(path, made);
  const named: string[] = [];
  const trial = { state: state.name, file, kind };
  try {
    await runs.run(files, seed, (event) => {
      if (event.kind === "damaged") named.push(...event.problems);
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isRefused = error instanceof InputError && file === "run.json" && message.includes("run.json");
    return { ...trial, verdict: isRefused ? "refused" : "internal", detail: message };
  }
  const differing = differingFiles(await runs.contents(files, seed), whole);
  if (differing.length > 0) return { ...trial, verdict: "differing", detail: differing.join(", ") };
  const isNamed = named.some((problem) => problem.startsWith(file));
  const mayBeSilent =
    // Times are no results: a lost or other line of them changes nothing, and is said where it is no timing.
    (file === "timings.jsonl" && !["zeroed", "a line null"].includes(kind)) ||
    // One line after the finished ones is what a stop leaves.
    (kind === "lines twice" && state.name.endsWith("after level 0"));
  return { ...trial, verdict: isNamed || mayBeSilent ? "mended" : "silent", detail: named.join(", ") };
}

/** `npm run bench -- damage`: 1,000 damaged files before a run goes on. */
export async function benchDamage(): Promise<string[]> {
  const startedAt = performance.now();
  const bad: string[] = [];
  const counts = await damageRuns({ count: 1000 }, ({ verdict, ...trial }) => {
    if (verdict !== "mended" && verdict !== "refused") bad.push(`${verdict}: ${JSON.stringify(trial)}`);
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  return [
    ...bad,
    `1,000 damaged files: ${counts.mended} named and made again to the same bytes, ${counts.refused} times run.json named and nothing written, ${counts.silent} silent, ${counts.internal} internal, ${counts.differing} differing bytes, ${seconds} s`,
  ];
}
