import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { PeerCase } from "./cases.ts";
import type { Losses, Participant } from "./participant.ts";

/** Seconds in which a peer must answer: it may have to compile its kernels on a slow adapter. */
const patienceS = 180;

/**
 * A peer in a process of its own. It is asked by one line of JSON on its standard input, and answers by one on its standard
 * output: first, unasked, `{ready, isOnCpu}` or `{error}`; to `{open: folder}` its {@link Losses}; to `{trial: repeats}`
 * `{ms}`; to `{leave: true}` `{}`; to anything that fails `{error}`. It ends with its standard input.
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
    // A write to a process that has ended fails; its end is reported by the answer that does not come.
    this.#process.stdin!.on("error", (error) => {
      this.#stderr += error.message;
    });
  }

  /**
   * Starts a peer.
   * @returns the peer, and what it runs on in its own words
   * @throws Error with the peer's reason when it cannot run here
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

  /** The next line that the peer says; a peer that ends or says nothing for too long is closed. */
  async #answer(): Promise<Record<string, unknown>> {
    const line = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new Error(`no answer in ${patienceS} s`))), patienceS * 1000);
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
