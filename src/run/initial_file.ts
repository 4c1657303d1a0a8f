import { InputError } from "../base/errors.ts";
import type { Files } from "../base/files.ts";
import { inThousands } from "../base/format.ts";
import type { Experiment } from "../lottery/experiment.ts";
import type { Parameters } from "../network/parameters.ts";
import { LayersNeeded } from "../store/layer_order.ts";
import { openTicket } from "../store/open_ticket.ts";
import type { ReadTicket } from "../store/ticket_file.ts";

/** Initial parameters from a file. */
export interface InitialFile {
  readonly parameters: Parameters;
  /** Lines that say how the file was understood. */
  readonly notes: readonly string[];
}

/**
 * Reads the initial parameters of experiments from a ticket.
 * @throws InputError when the file is not a ticket with weights of the shape of all experiments
 */
export async function readInitial(
  files: Files,
  path: string,
  experiments: readonly Experiment[],
): Promise<InitialFile> {
  const { parameters, shape, mask, reading } = readInOrder(await files.read(path), path);
  if (!parameters) throw new InputError(`${path}: holds masks only: give a file with weights`);
  for (const { spec } of experiments) {
    if (shape.join() !== spec.shape.join()) {
      throw new InputError(
        `${path}: holds a network of shape (${shape}), the spec trains (${spec.shape}): give one of that shape`,
      );
    }
  }
  const pruned = mask.size - mask.count();
  // Where all are 0, the announcement of such weights says more.
  const masked =
    pruned === 0 || pruned === mask.size
      ? []
      : [
          `${path}: ${inThousands(pruned)} of ${inThousands(mask.size)} weights are pruned or 0 there; values alone are taken, so level 0 trains these too, from 0`,
        ];
  return { parameters, notes: [...reading.notes, ...masked] };
}

function readInOrder(bytes: Uint8Array, path: string): ReadTicket {
  try {
    return openTicket(bytes, path);
  } catch (error) {
    if (!(error instanceof LayersNeeded)) throw error;
    throw new InputError(`${error.problem}; rename the layers in the file by numbers, such as layers.0, layers.1`);
  }
}
