import { element } from "../page/dom.ts";
import type { FailedBranch } from "../protocol.ts";

/** A line for each branch that failed, below their number; nothing where none did. */
export function failedBranches(failed: readonly FailedBranch[]): HTMLElement[] {
  if (failed.length === 0) return [];
  const lines = failed.map(({ name, seed, message }) => `${name}, seed ${seed}: ${message}`);
  const one = failed.length === 1;
  const head = `${failed.length} ${one ? "branch" : "branches"} failed and ${one ? "is" : "are"} left out:`;
  return [element("p", { class: "outlook bad lines" }, [head, ...lines].join("\n"))];
}
