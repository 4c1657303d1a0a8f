import { Registry } from "../../base/registry.ts";
import type { BranchKind } from "./kind.ts";
import { constantSign } from "./kinds/constant_sign.ts";
import { data } from "./kinds/data.ts";
import { inverted } from "./kinds/inverted.ts";
import { oneShot } from "./kinds/one_shot.ts";
import { order } from "./kinds/order.ts";
import { randomMask } from "./kinds/random_mask.ts";
import { reinit } from "./kinds/reinit.ts";
import { sameSign } from "./kinds/same_sign.ts";
import { shuffled } from "./kinds/shuffled.ts";
import { ticket } from "./kinds/ticket.ts";
import { transplant } from "./kinds/transplant.ts";

/** The kinds of branches of a run. */
export const branchKinds = new Registry<BranchKind>("kind of branch", [
  ticket,
  reinit,
  sameSign,
  constantSign,
  shuffled,
  randomMask,
  inverted,
  oneShot,
  order,
  data,
  transplant,
]);
