import { hasBit } from "../mask/bits.ts";
import type { Mask } from "../mask/mask.ts";
import { reachability } from "./reachability.ts";

/** How many active weights go out of each input: those whose target reaches an output. `[input]` */
export function activeFanOut(mask: Mask): Uint32Array {
  const { toOutput } = reachability(mask);
  const [inputs, targets] = mask.shape;
  const fanOut = new Uint32Array(inputs);
  for (let target = 0; target < targets; target++) {
    if (!hasBit(toOutput[1], target)) continue;
    for (let input = 0; input < inputs; input++) if (mask.has(0, target, input)) fanOut[input]++;
  }
  return fanOut;
}
