import type { BranchOptions } from "../node.ts";
import { branchRoot, chosenEngine, openBranchSources } from "../run/branch.ts";
import { nodeFiles } from "../store/node.ts";
import type { Shell } from "./shell.ts";
import { enterDevice, showTraining, type TrainingOptions } from "./training.ts";

/** The folder of the branches of some runs. */
export async function rootOf(folders: readonly string[], { out }: { readonly out?: string }): Promise<string> {
  return out ?? branchRoot(await openBranchSources({ files: nodeFiles }, folders));
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
