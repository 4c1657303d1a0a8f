import { columnList, hasColumn } from "../base/columns.ts";
import type { Task } from "../base/task.ts";
import type { DenseNetwork } from "./dense_network.ts";

/** What the inputs of a network were standardised with: standardised input i is `(x - mean[i]) * scale[i]`. */
export interface InputConstants {
  /** One an input of the ticket. */
  readonly mean: ArrayLike<number>;
  /** 1 / standard deviation; 0 for an input that is constant. */
  readonly scale: ArrayLike<number>;
}

/** What a file says of its network beside weights and biases. */
export interface NetworkOrigin {
  /** The ticket that the network was made from: a run's name, seed and level, or a file. */
  readonly source: string;
  readonly weights: "trained" | "initial";
  /** Name of the activation of hidden neurons. */
  readonly activation: string;
  /** The tasks by the ticket's inputs and outputs; undefined if they are not known. */
  readonly tasks: readonly Task[] | undefined;
  /** The names of the ticket's inputs; undefined if the data name none. */
  readonly inputNames: readonly string[] | undefined;
  /** Undefined if they are not known. */
  readonly constants: InputConstants | undefined;
}

/**
 * The names of some inputs of a ticket: those that the data give; else that of their task, then `/` and the number within
 * the task, from 0; else `input 3`.
 * @param inputs their numbers in the ticket, from 0
 */
export function namesOfInputs(
  inputs: readonly number[],
  { inputNames, tasks }: Pick<NetworkOrigin, "inputNames" | "tasks">,
): string[] {
  return inputs.map((input) => {
    if (inputNames) return inputNames[input];
    const owner = tasks?.find((task) => hasColumn(task.inputs, input));
    return owner ? `${owner.name}/${columnList(owner.inputs).indexOf(input)}` : `input ${input}`;
  });
}

/**
 * The metadata of a network's file, texts of which the lists are JSON:
 *
 * - `source`, `weights` and `activation` as given;
 * - `inputs`: the number of each input among those of the ticket, from 0; `input_names`: their names;
 * - `expects`: what a value of the data must be transformed to; `input_mean` and `input_scale`, if known: an input is
 *   `(value - mean) * scale`;
 * - `output_tasks`, if tasks are known: name and loss of each task, and the outputs of this network that are its logits.
 */
export function networkMetadata({ neurons }: DenseNetwork, origin: NetworkOrigin): Record<string, string> {
  const { source, weights, activation, tasks, constants } = origin;
  const inputs = neurons[0];
  const outputs = neurons[neurons.length - 1];
  const outputTasks = tasks?.flatMap((task) => {
    const own = outputs.flatMap((output, place) => (hasColumn(task.outputs, output) ? [place] : []));
    return own.length > 0 ? [{ name: task.name, loss: task.kind, outputs: own }] : [];
  });
  return {
    source,
    weights,
    activation,
    inputs: JSON.stringify(inputs),
    input_names: JSON.stringify(namesOfInputs(inputs, origin)),
    expects: constants
      ? "(value - input_mean) * input_scale for every input, in float64"
      : "every input standardised as in training: minus its mean, over its standard deviation, both of the training split",
    ...(constants && {
      input_mean: JSON.stringify(inputs.map((input) => constants.mean[input])),
      input_scale: JSON.stringify(inputs.map((input) => constants.scale[input])),
    }),
    ...(outputTasks && { output_tasks: JSON.stringify(outputTasks) }),
  };
}
