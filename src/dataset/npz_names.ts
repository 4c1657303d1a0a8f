import { InputError } from "../base/errors.ts";

/** Names of the arrays of a split in an .npz file. */
export interface SplitNames {
  readonly x: string;
  readonly y: string;
}

/** Which arrays of an .npz file are the splits. */
export interface NpzNames {
  readonly train: SplitNames;
  readonly test: SplitNames | undefined;
  /** Tells in one line which arrays were taken for which, where the names leave a choice, and which are not used. */
  readonly notes: readonly string[];
}

const standard = ["x_train", "y_train", "x_test", "y_test"] as const;

/** Names that are understood, in lower case and in this order: inputs, targets and, where known, those of the test split. */
const families: readonly (readonly string[])[] = [
  standard,
  ["train_x", "train_y", "test_x", "test_y"],
  ["xtrain", "ytrain", "xtest", "ytest"],
  ["train_images", "train_labels", "test_images", "test_labels"],
  ["train_data", "train_labels", "test_data", "test_labels"],
  ["x", "y"],
  ["data", "target"],
  ["data", "targets"],
  ["data", "labels"],
  ["features", "labels"],
  ["features", "targets"],
  ["inputs", "targets"],
  ["inputs", "outputs"],
  ["inputs", "labels"],
  ["images", "labels"],
  // The names that numpy.savez(path, x, y) gives.
  ["arr_0", "arr_1"],
];

/**
 * Finds the arrays of the splits by their names, in upper or lower case.
 * @param there names of all arrays of the file, without `.npy`
 * @param where names the file in messages
 * @throws InputError that lists the arrays that are there when one is missing, or when names differ in case only
 */
export function npzNames(there: readonly string[], where: string): NpzNames {
  const named = (name: string) => {
    const same = there.filter((one) => one.toLowerCase() === name);
    if (same.length > 1 && !same.includes(name)) {
      throw new InputError(`${where}: the arrays ${same.join(" and ")} differ in case only; keep one of them`);
    }
    return same.includes(name) ? name : same[0];
  };
  const isUnnamed = (family: readonly string[]) => family[0] === "arr_0";
  const family =
    families.find((one) => {
      // Four unnamed arrays may be in two orders.
      if (isUnnamed(one) && there.length !== 2) return false;
      return named(one[0]) !== undefined && named(one[1]) !== undefined;
    }) ?? standard;
  const [xTrain, yTrain, xTest, yTest] = family.map(named);
  const hasTest = xTest !== undefined || yTest !== undefined;
  const missing = family
    .slice(0, hasTest ? 4 : 2)
    .filter((name) => named(name) === undefined)
    .join(" and ");
  if (xTrain === undefined || yTrain === undefined || (hasTest && (xTest === undefined || yTest === undefined))) {
    const list = there.length === 0 ? "it holds no arrays" : `it holds ${there.join(", ")}`;
    throw new InputError(
      `${where}: array ${missing} is missing (${list}); write it with numpy.savez(path, x_train=, y_train=, x_test=, y_test=)`,
    );
  }
  const train = { x: xTrain, y: yTrain };
  const test = xTest === undefined || yTest === undefined ? undefined : { x: xTest, y: yTest };
  const used = [train.x, train.y, ...(test ? [test.x, test.y] : [])];
  const unused = there.filter((name) => !used.includes(name));
  const renamed = used.flatMap((name, i) => (name === standard[i] ? [] : [`${name} as ${standard[i]}`]));
  return {
    train,
    test,
    notes: [
      ...(renamed.length > 0 ? [`${where}: takes ${renamed.join(", ")}`] : []),
      ...(unused.length > 0 ? [`${where}: not used: ${unused.join(", ")}`] : []),
    ],
  };
}
