import { visible, visibleJson, visibleLines } from "../base/visible.ts";
import type { AdapterEnvironment } from "../device/environment/node.ts";

/** A stream that text is written to; on a terminal with its size. */
export type TextStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** The streams, variables and process of a command line. */
export interface Surroundings {
  /** Results and nothing else. */
  readonly stdout: TextStream;
  /** Progress and messages. */
  readonly stderr: TextStream;
  readonly env: NodeJS.ProcessEnv;
  /**
   * Continues in a process that has the variables of an adapter: Dawn reads them once, when a process starts.
   * @returns the exit code of the process that did the work; undefined where this process has the variables already
   */
  readonly enter: (environment: AdapterEnvironment) => Promise<number | undefined>;
}

/** Another process has done the command's work. */
export class HandedOver extends Error {
  override name = "HandedOver";

  /** @param exitCode of the other process */
  constructor(readonly exitCode: number) {
    super(`another process did the work and exited with ${exitCode}`);
  }
}

/** The colours that our tables use (ECMA-48, select graphic rendition). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is searched
const colours = /(\u001b\[3[1239]m)/;

/** Writes a command's output, in the form that streams and variables allow. */
export class Shell {
  readonly stderr: TextStream;
  readonly env: NodeJS.ProcessEnv;

  constructor(readonly surroundings: Surroundings) {
    this.stderr = surroundings.stderr;
    this.env = surroundings.env;
  }

  /** Writes a part of a result: as it is into a pipe or file; a terminal is shown what it would obey. */
  write(text: string): void {
    this.surroundings.stdout.write(this.surroundings.stdout.isTTY ? visibleLines(text) : text);
  }

  /** Writes a result and a line end. What a terminal would obey is shown, except for the colours of our tables. */
  print(text: string): void {
    const parts = this.usesColor ? text.split(colours) : [text];
    const shown = parts.map((part, i) => (i % 2 === 1 ? part : visibleLines(part)));
    this.surroundings.stdout.write(`${shown.join("")}\n`);
  }

  /** Writes a document as one line of JSON. */
  printJson(document: unknown): void {
    this.surroundings.stdout.write(`${visibleJson(document)}\n`);
  }

  /** Writes a message to standard error, on one line. What a terminal would obey is shown. */
  note(text: string): void {
    this.stderr.write(`${visible(text)}\n`);
  }

  /** Whether results may carry colours: only on a terminal, and not where NO_COLOR is set (no-color.org). */
  get usesColor(): boolean {
    return this.surroundings.stdout.isTTY === true && !this.env.NO_COLOR && this.env.TERM !== "dumb";
  }

  /** Whether standard error is a terminal on which lines can be redrawn. */
  get redraws(): boolean {
    return this.stderr.isTTY === true && this.env.TERM !== "dumb";
  }

  /**
   * Continues in a process in which Dawn finds the adapter.
   * @throws HandedOver when another process has done the work
   */
  async enter(environment: AdapterEnvironment): Promise<void> {
    const exitCode = await this.surroundings.enter(environment);
    if (exitCode !== undefined) throw new HandedOver(exitCode);
  }
}
