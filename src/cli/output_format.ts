import { InputError } from "../base/errors.ts";

/**
 * The format of a file: from `--format`, or from the ending of its name.
 * @param output the path that `-o` names
 * @param chosen by `--format`
 * @param formats the name of each is the ending of its files, without the dot
 * @returns the format, and what the ending names: undefined for a path that ends otherwise
 * @throws InputError when the two contradict each other
 */
export function outputFormat<Format extends string>(
  output: string,
  chosen: Format | undefined,
  formats: readonly Format[],
): { readonly format: Format | undefined; readonly named: Format | undefined } {
  const ending = /[^/]\.([^./]+)$/.exec(output)?.[1].toLowerCase();
  const named = formats.find((name) => name === ending);
  if (named && chosen && named !== chosen) {
    throw new InputError(`--format ${chosen}: the name of ${output} asks for ${named}; give one of the two`);
  }
  return { format: named ?? chosen, named };
}
