import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { PeerCase } from "./cases.ts";
import type { Losses, Participant } from "./participant.ts";

/** Time limit of an answer in s: a peer may have to compile its kernels on a slow adapter. */
const answerLimitS = 180;

/**
 * A peer in its own process. Requests and answers are lines of JSON on its standard input and output. First it sends
 * `{ready, isOnCpu}` or `{error}`. It answers `{open: folder}` with its {@link Losses}, `{trial: repeats}` with `{ms}`,
 * `{leave: true}` with `{}`, and any request that fails with `{error}`. It exits when its standard input ends.
 */
export class Child implements Participant {
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  #stderr = "";
  #closed = false;

  private constructor(command: readonly string[]) {
    const [program, ...args] = command;
    this.#process = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#lines = createInterface({ input: this.#process.stdout! });
    this.#process.stderr!.on("data", (text) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-2000);
    });
    // A write to a process that has ended fails; waiting for the answer reports its end.
    this.#process.stdin!.on("error", (error) => {
      this.#stderr += error.message;
    });
  }

  /**
   * Starts a peer.
   * @returns the peer, and its own description of its version and device
   * @throws Error with the peer's reason when it cannot run on this machine
   */
  static async start(command: readonly string[]): Promise<{ peer: Child; about: string; isOnCpu: boolean }> {
    const peer = new Child(command);
    try {
      const { ready, isOnCpu } = await peer.#answer();
      return { peer, about: String(ready), isOnCpu: isOnCpu === true };
    } catch (error) {
      peer.close();
      throw error;
    }
  }

  async open(_: PeerCase, folder: string): Promise<Losses> {
    return (await this.#ask({ open: folder })) as unknown as Losses;
  }

  async trial(repeats: number): Promise<number> {
    return Number((await this.#ask({ trial: repeats })).ms);
  }

  async leave(): Promise<void> {
    if (!this.#closed) await this.#ask({ leave: true });
  }

  close(): void {
    this.#closed = true;
    this.#lines.close();
    this.#process.kill("SIGKILL");
  }

  async #ask(request: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
    if (this.#closed) throw new Error("the peer has ended");
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    return this.#answer();
  }

  /** The next answer of the peer. Closes a peer that ends or exceeds the time limit. */
  async #answer(): Promise<Record<string, unknown>> {
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => settle(() => reject(new Error(`no answer in ${answerLimitS} s`))),
        answerLimitS * 1000,
      );
      const onLine = (text: string) => settle(() => resolve(text));
      const onError = (error: Error) => settle(() => reject(error));
      const onExit = (code: number | null) => {
        const reason = this.#stderr.trim().split("\n").at(-1);
        settle(() => reject(new Error(`ended with exit code ${code}${reason ? `: ${reason}` : ""}`)));
      };
      const settle = (how: () => void) => {
        clearTimeout(timer);
        this.#lines.off("line", onLine);
        this.#process.off("error", onError).off("close", onExit);
        how();
      };
      this.#lines.on("line", onLine);
      this.#process.on("error", onError).on("close", onExit);
    }).catch((error) => {
      this.close();
      throw error;
    });
    const answer = JSON.parse(line);
    if (typeof answer.error === "string") throw new Error(answer.error);
    return answer;
  }
}
