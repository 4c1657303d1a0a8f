import { InputError } from "../../base/errors.ts";
import type { BranchUse } from "../protocol.ts";
import { element } from "./dom.ts";
import { labelled } from "./labelled.ts";
import type { RunView } from "./model.ts";
import type { StudyField } from "./study_faults.ts";

/** What a study can be made of. */
export interface StudyRuns {
  /** The runs to study, each with a finished level. */
  readonly runs: readonly RunView[];
  /** All runs that are open and have a finished level. */
  readonly open: readonly RunView[];
  readonly use: BranchUse;
}

/** The fields of a study beside its runs. */
export interface StudyForm<Choice> {
  readonly parts: readonly HTMLElement[];
  readonly inputs: ReadonlyMap<StudyField, HTMLInputElement | HTMLSelectElement>;
  /** Shows what the runs allow. */
  update(studied: StudyRuns): void;
  /**
   * What is set.
   * @throws FieldError for a text that cannot be read
   */
  choice(): Choice;
}

/** A text that cannot be read, with its field. */
export class FieldError extends InputError {
  constructor(
    readonly field: StudyField,
    message: string,
  ) {
    super(message);
  }
}

/** A field of text with its label. */
export function textField(id: string, label: string, hint: string) {
  const input = element("input", { type: "text", id, autocomplete: "off", spellcheck: "false" });
  return { input, root: labelled(label, input, hint) };
}

/**
 * The value of a field, undefined if it is empty.
 * @throws FieldError where `read` throws InputError
 */
export function readField<Value>(
  field: StudyField,
  { value }: { readonly value: string },
  read: (name: string, text: string) => Value,
): Value | undefined {
  const text = value.trim();
  if (text === "") return undefined;
  try {
    return read(field, text);
  } catch (error) {
    if (error instanceof InputError) throw new FieldError(field, error.message);
    throw error;
  }
}

/** `1..9`: levels from the first to the last of a run with that many. */
export function levelRange(first: number, levels: number): string {
  return levels - 1 > first ? `${first}..${levels - 1}` : String(levels - 1);
}
