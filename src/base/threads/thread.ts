/** A thread, from its owner's side; the platform implements it. */
export interface Thread<Order> {
  post(order: Order): void;
  /** Whether the process waits for this thread before it exits. */
  keepsProcessAlive(isAlive: boolean): void;
  terminate(): void;
}

/** Callbacks of the owner of a thread, called by the platform. */
export interface ThreadEvents<Answer> {
  answer(answer: Answer): void;
  /** Called when the thread has ended, or has failed and will end. */
  ended(reason: string): void;
}

/** Starts a thread that runs a script. May throw where the system has no further thread. */
export type StartThread<Order, Answer> = (events: ThreadEvents<Answer>) => Thread<Order>;
