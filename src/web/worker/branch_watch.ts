import { damagedText } from "../../lottery/damaged_text.ts";
import type { RunMessage } from "../../lottery/messages.ts";
import type { BranchesProgress } from "../protocol.ts";
import type { Watch } from "./branches.ts";

/**
 * Counts the levels of branches while they are trained.
 * @param send receives the progress after each change
 */
export function branchWatch(signal: AbortSignal, send: (progress: BranchesProgress) => void): Watch {
  let levels = 0;
  const notes: string[] = [];
  // Runs that go on on a fresh device report their finished levels again.
  const done = new Set<string>();
  const told = () => send({ levels, done: done.size, notes: [...notes] });
  return {
    signal,
    onStart: ({ experiments, notices }) => {
      levels = experiments.reduce((sum, { seeds, spec }) => sum + seeds.length * spec.remaining.length, 0);
      notes.push(...notices);
      told();
    },
    observe: (event) => {
      if ("weights" in event) return;
      if (event.kind === "found" || event.kind === "level") {
        done.add(`${event.experiment} ${event.seed} ${event.record.level}`);
      } else {
        const note = noteOf(event);
        if (note === undefined) return;
        notes.push(note);
      }
      told();
    },
    onRestart: ({ cause }) => {
      notes.push(`The device was lost (${cause}). The branches continue on a new device.`);
      told();
    },
  };
}

/** What a visitor should know of a branch beside its result. */
function noteOf(message: RunMessage): string | undefined {
  const { kind, seed } = message;
  if (kind === "restarted") return `Seed ${seed}: ${message.cause}. Level ${message.level} is trained again.`;
  return kind === "damaged" ? `Seed ${seed}: ${damagedText(message)}` : undefined;
}
