import { InputError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import type { Task } from "../../base/task.ts";
import { checkTasks } from "../../dataset/tasks.ts";
import { refuseForeignFormat } from "../../store/foreign_format.ts";
import { LayersNeeded } from "../../store/layer_order.ts";
import { openTicket } from "../../store/open_ticket.ts";
import type { ReadTicket } from "../../store/ticket_file.ts";

/**
 * Reads the ticket of an opened file.
 * @returns the question where the order of its layers must be given
 */
export function readOpenedTicket(
  name: string,
  bytes: Uint8Array,
  layers: string | undefined,
): ReadTicket | LayersNeeded {
  const names = layers?.split(",").map((one) => one.trim());
  try {
    if (!/\.(safetensors|json)$/i.test(name)) {
      refuseForeignFormat(bytes, name);
      throw new InputError(
        `${name}: is neither a .zip of run folders nor a ticket (.safetensors, or masks as .json): give one of these, or a run folder`,
      );
    }
    return openTicket(bytes, name, { layers: names });
  } catch (error) {
    if (error instanceof LayersNeeded) return error;
    throw error;
  }
}

/** @throws InputError that names the file where tasks are not of its network */
export function fitTasks(tasks: readonly Task[], shape: Shape, where: string): void {
  try {
    checkTasks(tasks, shape[0], shape[shape.length - 1], true);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${where}: ${error.message}`);
  }
}
