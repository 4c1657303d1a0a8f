import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { type BrowserExecutable, quietFlags } from "./executable.ts";

type Values = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly result?: Values;
  readonly error?: { readonly message: string };
  /** Of an event, which has no id. */
  readonly method?: string;
  readonly sessionId?: string;
}

interface Pending {
  done(result: Values): void;
  failed(error: Error): void;
}

/** A browser that has not closed after this time is killed. */
const closeLimitMs = 5000;

/** File descriptors on which a browser with `--remote-debugging-pipe` reads commands and writes answers. */
const [commandPipe, answerPipe] = [3, 4];

/**
 * A browser, driven by the Chrome DevTools Protocol over two pipes, JSON messages that end in a zero byte. It needs no
 * package and no port, so that it also runs on a machine to which only `dist/` and a browser were copied.
 */
export class DevTools {
  readonly #process: ChildProcess;
  readonly #profile = mkdtempSync(join(tmpdir(), "split-ticket-browser-"));
  readonly #pending = new Map<number, Pending>();
  readonly #awaited = new Map<string, () => void>();
  #next = 0;
  #log = "";

  constructor({ path, env }: BrowserExecutable, flags: readonly string[]) {
    const own = ["--remote-debugging-pipe", `--user-data-dir=${this.#profile}`, "about:blank"];
    this.#process = spawn(path, [...quietFlags, ...flags, ...own], {
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.#process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
    });
    let rest = "";
    (this.#process.stdio[answerPipe] as Readable).setEncoding("utf8").on("data", (text: string) => {
      const messages = `${rest}${text}`.split("\0");
      rest = messages.pop() ?? "";
      for (const message of messages) this.#hear(JSON.parse(message) as Message);
    });
    (this.#process.stdio[commandPipe] as Writable).on("error", () => {});
    const ended = (reason: string) => {
      for (const { failed } of this.#pending.values()) failed(new Error(`the browser ${reason}: ${this.complaints()}`));
      this.#pending.clear();
    };
    this.#process.on("error", ({ message }) => ended(`does not start (${message})`));
    this.#process.on("exit", (code, signal) => ended(`ended (${signal ?? `exit code ${code}`})`));
  }

  /** What it wrote to standard error, the first lines. */
  complaints(): string {
    return this.#log.trim().split("\n").slice(0, 8).join("\n");
  }

  /** @throws Error with the browser's message, or when the browser has ended */
  send(method: string, params: Values = {}, sessionId?: string): Promise<Values> {
    if (!this.#isRunning) return Promise.reject(new Error(`the browser has ended: ${this.complaints()}`));
    const id = ++this.#next;
    const answer = new Promise<Values>((done, failed) => this.#pending.set(id, { done, failed }));
    const message = JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) });
    (this.#process.stdio[commandPipe] as Writable).write(`${message}\0`);
    return answer;
  }

  /** Waits for the next event of a session; asked for before the command that causes it. */
  heard(method: string, sessionId: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(`${method} ${sessionId}`, resolve));
  }

  /** Ends the browser and removes its profile. */
  async close(): Promise<void> {
    if (this.#isRunning) {
      const ended = new Promise((resolve) => this.#process.once("exit", resolve));
      // Asked to close, it ends its child processes first; a kill would leave them a moment that they write in.
      const killing = setTimeout(() => this.#process.kill("SIGKILL"), closeLimitMs);
      await this.send("Browser.close").catch(() => {});
      await ended;
      clearTimeout(killing);
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  get #isRunning(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  #hear({ id, result, error, method, sessionId }: Message): void {
    if (id === undefined) {
      this.#awaited.get(`${method} ${sessionId}`)?.();
      return;
    }
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error) pending?.failed(new Error(error.message));
    else pending?.done(result ?? {});
  }
}

/** A tab of a browser. */
export class Tab {
  private constructor(
    readonly devTools: DevTools,
    readonly session: string,
  ) {}

  /** Opens an address and waits until its page has loaded. */
  static async open(devTools: DevTools, url: string): Promise<Tab> {
    const { targetId } = await devTools.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await devTools.send("Target.attachToTarget", { targetId, flatten: true });
    const tab = new Tab(devTools, String(sessionId));
    await devTools.send("Page.enable", {}, tab.session);
    const loaded = devTools.heard("Page.loadEventFired", tab.session);
    const { errorText } = await devTools.send("Page.navigate", { url }, tab.session);
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
    return tab;
  }

  /**
   * Calls a function in the page, which must use nothing from outside of itself.
   * @param values arguments and result are copied as JSON
   * @throws Error with the message of what the function threw
   */
  async evaluate<Args extends readonly unknown[], Result>(
    call: (...values: Args) => Result | Promise<Result>,
    ...values: Args
  ): Promise<Result> {
    const expression = `(${call})(...${JSON.stringify(values)})`;
    const answer = await this.devTools.send(
      "Runtime.evaluate",
      { expression, awaitPromise: true, returnByValue: true, userGesture: true },
      this.session,
    );
    const thrown = answer.exceptionDetails as { exception?: { description?: string }; text: string } | undefined;
    if (thrown) throw new Error(`in the page: ${thrown.exception?.description ?? thrown.text}`);
    return (answer.result as { value: Result }).value;
  }
}
