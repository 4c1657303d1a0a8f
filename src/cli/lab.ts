import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Command } from "commander";
import { InputError } from "../base/errors.ts";
import { endSignals } from "../base/signals/node.ts";
import { dataFolder } from "../dataset/node.ts";
import { packageRoot } from "../device/environment/node.ts";
import { serveLab } from "./lab/server.ts";
import type { Shell } from "./shell.ts";

const standardPort = 8017;

interface LabOptions {
  readonly port: string;
}

/** Adds `split-ticket lab`. */
export function addLab(program: Command, shell: Shell): void {
  program
    .command("lab")
    .description("serve the page on this machine, to watch networks split in a browser")
    .option("--port <port>", "port of the address; 0 takes any that is free", String(standardPort))
    .addHelpText(
      "after",
      `
The page trains in the browser, with WebGPU if the browser has it. This command
only serves its files and the image sets, to browsers of this machine and to no
page of another site. It fetches a set from its mirrors when the page starts a
run with it. Ctrl-C ends it. Any web host can serve the same files, which are in
dist/page of the package.

Example:
  split-ticket lab --port 8080`,
    )
    .action((options: LabOptions) => runLab(options, shell));
}

async function runLab({ port }: LabOptions, shell: Shell): Promise<void> {
  const number = Number(port);
  if (!/^\d+$/.test(port) || number > 65535) {
    throw new InputError(`--port ${port} is not an integer from 0 to 65535: give a free port, such as ${standardPort}`);
  }
  const interruption = new AbortController();
  const { signal } = interruption;
  const note = (text: string) => {
    if (!signal.aborted) shell.note(text);
  };
  const locate = { cacheFolder: dataFolder(shell.env), signal };
  const server = await serveLab(number, join(packageRoot(), "dist", "page"), note, { locate });
  shell.print(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  shell.note("open this address in a browser; Ctrl-C ends");
  const end = () => {
    interruption.abort();
    server.close();
    server.closeAllConnections();
  };
  for (const signal of endSignals()) process.on(signal, end);
  await new Promise((resolve) => server.on("close", resolve));
  for (const signal of endSignals()) process.off(signal, end);
}
