import { InputError } from "../base/errors.ts";

/** Most nulls of a model. */
export const mostNulls = 1_000_000;
/**
 * Checks a number of nulls.
 * @throws InputError naming the bound
 */
export function checkNullCount(count: number, what: string): void {
  if (Number.isInteger(count) && count >= 1 && count <= mostNulls) return;
  throw new InputError(
    `${what} ${count}: it is no number of masks from 1 to ${mostNulls}; give one, such as 10000 for p-values down to 1e-4`,
  );
}
