import { InputError } from "../base/errors.ts";
import { describeProgram, type Program, trainsAlike } from "./program.ts";
import type { RunRecord } from "./run_record.ts";

/** How a run folder was opened to write. */
export interface Opened {
  /** The program that trains now. */
  readonly program: Program;
  /** Whether it may go on with levels of a program that trains otherwise. */
  readonly mayMix: boolean;
}

/**
 * The record of an unfinished run that a program goes on with: the program of its finished levels is stored as a former
 * one unless both train alike.
 * @throws InputError when they train otherwise and must not be mixed
 */
export function goneOnWith(record: RunRecord, { program, mayMix }: Opened, path: string): RunRecord {
  const { program: before, finished = 0 } = record;
  const former = (record.former ?? [])
    .map((each) => ({ ...each, levels: Math.min(each.levels, finished) }))
    .filter(({ levels }, index, all) => levels > (all[index - 1]?.levels ?? 0));
  const { former: _, ...others } = record;
  const told = former.length > 0 && { former };
  // Levels of a version that stored no program may be gone on with: nothing tells whether it trained otherwise.
  if (before && finished > 0 && trainsAlike(before, program)) return { ...others, ...told };
  if (finished === 0) return { ...others, program };
  if (before && !mayMix) {
    throw new InputError(
      `${path}: its levels were trained by ${describeProgram(before)}, this is ${describeProgram(program)}, which trains otherwise; go on with that version, choose another --out folder, or give --allow-other-version to go on with this one`,
    );
  }
  const last = { levels: finished, ...(before && { program: before }) };
  return { ...others, program, former: [...former.filter(({ levels }) => levels < finished), last] };
}
