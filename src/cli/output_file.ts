import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { InputError } from "../base/errors.ts";
import { outputTarget } from "../base/output/node.ts";
import { explained } from "../base/system_errors.ts";
import { nodeFiles } from "../store/node.ts";
import { isRunFile, runFileNames } from "../store/run_path.ts";

/**
 * Checks the path of a file that a command is to write, before anything is computed for it.
 * @param inputs paths that the command reads
 * @throws InputError when the path must not be written, or is a file that the command reads or that belongs to a run
 */
export async function checkOutput(path: string, inputs: readonly string[]): Promise<void> {
  try {
    const target = await outputTarget(path);
    if (target.kind !== "file") return;
    for (const input of inputs) {
      if (!(await isSameFile(target.path, input))) continue;
      throw new InputError(`cannot write ${path}: it is ${input}, which is read; choose another file`);
    }
    const folder = dirname(target.path);
    if (isRunFile(basename(target.path)) && (await nodeFiles.exists(`${folder}/${runFileNames.record}`))) {
      throw new InputError(`cannot write ${path}: it is a file of the run in ${folder}; choose another name or folder`);
    }
  } catch (error) {
    throw explained("write", path, error);
  }
}

/**
 * Checks the path of a figure that a command is to draw, as {@link checkOutput} does.
 * @throws InputError when its name ends as that of another kind of file too, such as figure.png
 */
export async function checkFigure(path: string, inputs: readonly string[]): Promise<void> {
  await checkOutput(path, inputs);
  const [ending] = /(?<=[^/])\.[A-Za-z]\w*$/.exec(path) ?? [];
  if (ending !== undefined && ending.toLowerCase() !== ".svg") {
    throw new InputError(
      `--svg ${path}: its name ends in ${ending}, and the figure is SVG; give a name that ends in .svg`,
    );
  }
}

async function isSameFile(first: string, second: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([stat(first, { bigint: true }), stat(second, { bigint: true })]);
    return a.isFile() && a.dev === b.dev && a.ino === b.ino;
  } catch {
    // One of them is not there, which reading or writing tells.
    return false;
  }
}
