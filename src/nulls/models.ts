import { Registry } from "../base/registry.ts";
import type { NullModel } from "./models/model.ts";
import { randomMask } from "./models/random_mask.ts";
import { rewired } from "./models/rewired.ts";
import { shuffled } from "./models/shuffled.ts";
import { untrained } from "./models/untrained.ts";

/** The null models, in the order in which they are shown and stored. */
export const nullModels = new Registry<NullModel>("null model", [shuffled, rewired, randomMask, untrained]);
