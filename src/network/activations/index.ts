import { Registry } from "../../base/registry.ts";
import type { Activation } from "./activation.ts";
import { relu } from "./relu.ts";
import { tanh } from "./tanh.ts";

/** The activations that a spec can choose. */
export const activations = new Registry<Activation>("activation", [relu, tanh]);

/** The activation of the thesis. */
export const defaultActivation = relu.name;
