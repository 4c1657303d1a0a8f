import { Registry } from "../../base/registry.ts";
import type { Initializer } from "./initializer.ts";
import { kaimingNormal } from "./kaiming_normal.ts";
import { kaimingUniform } from "./kaiming_uniform.ts";
import { orthogonal } from "./orthogonal.ts";
import { xavierNormal } from "./xavier_normal.ts";
import { xavierUniform } from "./xavier_uniform.ts";

/** The initialisers that a spec can choose. */
export const initializers = new Registry<Initializer>("initializer", [
  kaimingNormal,
  xavierNormal,
  kaimingUniform,
  xavierUniform,
  orthogonal,
]);

/** The initialiser of the thesis. */
export const defaultInitializer = kaimingNormal.name;
