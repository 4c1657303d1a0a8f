import { Registry } from "../../base/registry.ts";
import type { Initializer } from "./initializer.ts";
import { kaimingNormal } from "./kaiming_normal.ts";
import { xavierNormal } from "./xavier_normal.ts";

/** The initialisers that a spec can choose. */
export const initializers = new Registry<Initializer>("initializer", [kaimingNormal, xavierNormal]);

/** The initialiser of the thesis. */
export const defaultInitializer = kaimingNormal.name;
