import { columnList, hasColumn } from "../base/columns.ts";
import type { Task } from "../base/task.ts";
import type { DenseNetwork } from "./dense_network.ts";

/** What the inputs of a network were standardised with: standardised input i is `(x - mean[i]) * scale[i]`. */
export interface InputConstants {
  /** One a column of the data. */
  readonly mean: ArrayLike<number>;
  /** 1 / standard deviation; 0 for a column that is constant. */
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
  /** Undefined if they are not known. */
  readonly constants: InputConstants | undefined;
}

/**
 * The names of some inputs of a ticket: that of their task, then `/` and the number within the task, from 0; `input 3` if
 * tasks are not known.
 * @param columns columns of the data
 */
export function inputNames(columns: readonly number[], tasks: readonly Task[] | undefined): string[] {
  return columns.map((column) => {
    const owner = tasks?.find(({ inputs }) => hasColumn(inputs, column));
    return owner ? `${owner.name}/${columnList(owner.inputs).indexOf(column)}` : `input ${column}`;
  });
}

/**
 * The metadata of a network's file, texts of which the lists are JSON:
 *
 * - `source`, `weights` and `activation` as given;
 * - `inputs`: the column of the data that each input reads; `input_names`: their names;
 * - `expects`: what a column must be transformed to; `input_mean` and `input_scale`, if known: an input is
 *   `(column - mean) * scale`;
 * - `output_tasks`, if tasks are known: name and loss of each task, and the outputs of this network that are its logits.
 */
export function networkMetadata(
  { neurons }: DenseNetwork,
  { source, weights, activation, tasks, constants }: NetworkOrigin,
): Record<string, string> {
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
    input_names: JSON.stringify(inputNames(inputs, tasks)),
    expects: constants
      ? "(column - input_mean) * input_scale for every input"
      : "every input standardised as in training: minus its mean, over its standard deviation, both of the training split",
    ...(constants && {
      input_mean: JSON.stringify(inputs.map((column) => constants.mean[column])),
      input_scale: JSON.stringify(inputs.map((column) => constants.scale[column])),
    }),
    ...(outputTasks && { output_tasks: JSON.stringify(outputTasks) }),
  };
}
