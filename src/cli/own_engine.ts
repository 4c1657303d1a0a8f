import { resolve } from "node:path";
import { InputError } from "../base/errors.ts";
import type { BranchOptions } from "../node.ts";
import { branchRoot, chosenEngine, openBranchSources } from "../run/branch.ts";
import { nodeFiles } from "../store/node.ts";
import { checkFigure, checkOutput } from "./output_file.ts";
import type { Shell } from "./shell.ts";
import { namedTableFormat } from "./table_file.ts";
import { enterDevice, showTraining, type TrainingOptions } from "./training.ts";

/** The folder of the branches of some runs. */
export async function rootOf(folders: readonly string[], { out }: { readonly out?: string }): Promise<string> {
  return out ?? branchRoot(await openBranchSources({ files: nodeFiles }, folders));
}

/**
 * Checks the files that a command on stored runs is to write, before it trains.
 * @param data of `--data`
 * @throws InputError when a file must not be written, is read by the command, or is named twice
 */
export async function checkOutputs(
  { table, svg }: { readonly table?: string | undefined; readonly svg?: string | undefined },
  folders: readonly string[],
  data?: string,
): Promise<void> {
  if (table !== undefined) namedTableFormat(table);
  if (table !== undefined && svg !== undefined && resolve(table) === resolve(svg)) {
    throw new InputError(`--table and --svg both name ${svg}; give two files`);
  }
  const sources = await openBranchSources({ files: nodeFiles }, folders);
  const inputs = [data, ...sources.map(({ keys }) => keys.dataset)].filter((path) => typeof path === "string");
  if (table !== undefined) await checkOutput(table, inputs);
  if (svg !== undefined) await checkFigure(svg, inputs);
}

/**
 * Trains what is made from stored runs, on their engine unless another is asked for.
 * @param train called with the options of training
 */
export async function trainOnOwnEngine<Result>(
  folders: readonly string[],
  options: Omit<TrainingOptions, "out"> & { readonly out?: string },
  shell: Shell,
  train: (training: Omit<BranchOptions, "kinds">) => Promise<Result>,
): Promise<Result> {
  const sources = await openBranchSources({ files: nodeFiles }, folders);
  const out = options.out ?? branchRoot(sources);
  const asked = { ...options, ...(await chosenEngine(sources, options)), out };
  const device = await enterDevice(asked, shell);
  return showTraining((shown) => train({ ...shown, device, engine: asked.engine, out }), asked, shell);
}
