import type { Shape } from "../../base/shape.ts";
import type { CoverageKind, Task } from "../../base/task.ts";
import { parseTasks } from "../../dataset/tasks.ts";
import type { Ticket } from "../../store/ticket_file.ts";
import type { CoverageSource, TicketQuestions } from "../protocol.ts";

interface KnownRun {
  readonly shape: Shape;
  readonly tasks: readonly Task[];
  readonly coverage: CoverageKind;
}

/**
 * Tasks and coverage of a ticket that was opened without its run: those of its file, else those that the visitor gave,
 * else those of an open run of its shape.
 * @returns undefined if the visitor must be asked for the tasks
 * @throws InputError when the visitor's tasks cannot be read
 */
export function ticketOutline(
  ticket: Ticket,
  runs: readonly KnownRun[],
  asked: TicketQuestions,
): { tasks: readonly Task[]; coverage: CoverageKind; source: CoverageSource } | undefined {
  const { shape, tasks, coverage } = ticket;
  if (tasks && coverage) return { tasks, coverage, source: "ticket" };
  if (asked.tasks !== undefined) {
    return { tasks: parseTasks(asked.tasks), coverage: asked.coverage, source: "settings" };
  }
  const run = runs.find((known) => known.shape.join() === shape.join());
  return run && { tasks: run.tasks, coverage: run.coverage, source: "run" };
}
