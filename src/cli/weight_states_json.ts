import { weightStateRows } from "../analysis/states.ts";
import { visibleJson } from "../base/visible.ts";
import type { Mask } from "../mask/mask.ts";
import type { Shell } from "./shell.ts";

/**
 * Prints one JSON document that has the states of all weights, `weightStates` `[layer][output][input]`, between other keys. The
 * states are written row by row: those of a large network would exceed the longest string of JavaScript.
 */
export function printWithWeightStates(before: object, mask: Mask, after: object, shell: Shell): void {
  shell.write(`${visibleJson(before).slice(0, -1)},"weightStates":[`);
  for (const { layer, output, states } of weightStateRows(mask)) {
    const opening = output > 0 ? "," : layer > 0 ? ",[" : "[";
    const closing = output === mask.shape[layer + 1] - 1 ? "]" : "";
    shell.write(`${opening}["${states.join('","')}"]${closing}`);
  }
  shell.print(`],${visibleJson(after).slice(1)}`);
}
