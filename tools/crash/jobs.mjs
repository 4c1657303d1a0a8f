import { isWriting } from "./faults.mjs";
import { randomNumbers } from "./random.mjs";

/** Codes by which a write may fail; `unknown-122` is EDQUOT as it arrives from some builds of Node. */
export const errorCodes = [
  "ENOSPC",
  "EIO",
  "EROFS",
  "EDQUOT",
  "unknown-122",
  "EXDEV",
  "EBUSY",
  "EFBIG",
  "ELOOP",
  "EMFILE",
  "ESTALE",
];
/** Codes by which a read may fail where the file is there. */
const readCodes = ["EIO", "ESTALE", "EMFILE"];
/** Operations that may be done though their answer is an error, as when a server does not answer. */
const canBeLate = new Set(["sync", "mkdir", "rename", "remove", "sync folder"]);
/** Codes of a disk that stays as it is. */
const lastingCodes = ["ENOSPC", "EROFS", "unknown-122"];

const at = ({ place, index }) => ({ place, index });
const titleOf = (name, { place, index, kind, name: path }) =>
  `${name}: ${kind} ${path} (operation ${index} of ${place || "the others"})`;

/**
 * Kills after every operation of a case that changes the disk, and before the first: kills at other operations find the
 * same disk. Then power fails after each that changes it.
 */
export function killJobs(name, operations) {
  const trial = (operation, fault) => ({
    method: "kill",
    title: `${titleOf(name, operation)}, ${fault.kind} ${fault.when ?? "after"}`,
    name,
    at: at(operation),
    fault,
  });
  const changing = operations.filter(({ kind }) => isWriting(kind));
  return [
    trial(operations[0], { kind: "kill", when: "before" }),
    ...changing.map((one) => trial(one, { kind: "kill", when: "after" })),
    ...changing.map((one) => trial(one, { kind: "cut" })),
  ];
}

/**
 * Every write point of a case, failed once in each way, and the reads.
 * @param areInTurn whether each is failed in one way only, all ways in turn
 */
export function faultJobs(name, operations, areInTurn = false) {
  const ways = ({ kind }) =>
    isWriting(kind)
      ? [
          ...errorCodes.map((code) => ({ fault: { kind: "error", code } })),
          ...lastingCodes.map((code) => ({ fault: { kind: "error", code }, isLasting: true })),
          ...(kind === "write" ? [{ fault: { kind: "short", code: "ENOSPC" } }] : []),
          ...(canBeLate.has(kind) ? [{ fault: { kind: "late", code: "EIO" } }] : []),
        ]
      : readCodes.map((code) => ({ fault: { kind: "error", code } }));
  const chosen = (operation, number) => {
    const all = ways(operation);
    return areInTurn ? [all[number % all.length]] : all;
  };
  return operations.flatMap((operation, number) =>
    chosen(operation, number).map(({ fault, isLasting }) => ({
      method: "fail",
      title: `${titleOf(name, operation)}, ${fault.kind} ${fault.code}${isLasting ? " from then on" : ""}`,
      name,
      at: at(operation),
      fault,
      isLasting,
    })),
  );
}

/** Random kills, about `each` a run: three of four from the first line of the run on, the others from its start. */
export function randomKillJobs(name, kills, seed, each = 5) {
  const random = randomNumbers(seed);
  return Array.from({ length: Math.ceil(kills / each) }, (_, number) => ({
    method: "killAtRandom",
    title: `${name}: random kills of run ${number}`,
    name,
    delays: Array.from({ length: each }, () => {
      const isFromStart = random() < 0.25;
      return { isFromStart, ms: Math.floor(random() * (isFromStart ? 400 : 120)) };
    }),
  }));
}

/** Damaged files, each before a stopped run goes on. */
export function damageJobs(name, count, seed) {
  return Array.from({ length: count }, (_, number) => ({
    method: "damage",
    title: `${name}: damage ${number}`,
    name,
    seed: seed * 1_000_003 + number,
  }));
}
