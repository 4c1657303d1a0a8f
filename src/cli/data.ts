import type { Command } from "commander";
import { InputError } from "../base/errors.ts";
import { inThousands } from "../base/format.ts";
import { dataFolder, type ListedFile, listLocal, locate } from "../dataset/node.ts";
import { datasets as known } from "../dataset/registry.ts";
import type { SourceName } from "../dataset/sources.ts";
import type { Shell } from "./shell.ts";

interface DataOptions {
  readonly json?: true;
}

/** Adds `split-ticket data`. */
export function addData(program: Command, shell: Shell): void {
  program
    .command("data")
    .description("find, fetch and verify datasets; without a name, list the local files")
    .argument("[name]", known.names.join(", "))
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
A file is used only if its SHA-256 equals the original's. Fetched files are kept
in .cache/data of the working folder, or in the folder SPLIT_TICKET_DATA names.

Examples:
  split-ticket data
  split-ticket data mnist-fashion`,
    )
    .action((name: string | undefined, options: DataOptions) => runData(name, options, shell));
}

async function runData(name: string | undefined, { json }: DataOptions, shell: Shell): Promise<void> {
  if (name !== undefined && !known.has(name)) {
    throw new InputError(`data: "${name}" is not known; choose ${known.names.join(", ")}`);
  }
  const entries = name === undefined ? known.entries : [known.get(name)];
  const datasets = entries.map((entry) => ({ name: entry.name, sources: entry.sources }));
  const files: ListedFile[] = [];
  const places = { cacheFolder: dataFolder(shell.env) };
  for (const source of new Set(datasets.flatMap(({ sources }) => sources))) {
    files.push(...(name === undefined ? await listLocal(source, places) : await locate(source, places)));
  }
  if (json) shell.printJson({ datasets, files });
  else shell.print(datasetListing(datasets, files));
}

/** One line per dataset, then one per original file: size, SHA-256, place. */
function datasetListing(
  datasets: readonly { readonly name: string; readonly sources: readonly SourceName[] }[],
  files: readonly ListedFile[],
): string {
  const width = Math.max(...datasets.map(({ name }) => name.length));
  const describe = (sources: readonly SourceName[]) => {
    if (sources.length === 0) return "generated, nothing to fetch";
    const absent = files.filter((file) => sources.includes(file.source) && !file.verified);
    return absent.length === 0 ? `here, made of ${sources.join(" and ")}` : "not here, fetched when it is needed";
  };
  const fileWidth = Math.max(0, ...files.map(({ file }) => file.length));
  return [
    ...datasets.map(({ name, sources }) => `${name.padEnd(width)}  ${describe(sources)}`),
    ...[...new Set(files.map(({ source }) => source))].flatMap((source) => [
      "",
      source,
      ...files
        .filter((file) => file.source === source)
        .flatMap((file) => [
          `  ${file.file.padEnd(fileWidth)}  ${inThousands(file.sizeBytes).padStart(10)} bytes  sha256 ${file.sha256}`,
          `    ${file.verified ? `verified, from ${file.from}: ${file.path}` : `not here: ${file.passedOver.join("; ")}`}`,
        ]),
    ]),
  ].join("\n");
}
