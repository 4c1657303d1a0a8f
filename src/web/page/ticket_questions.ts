import { formatShape, type Shape } from "../../base/shape.ts";
import type { Opened } from "../protocol.ts";
import type { Question } from "./question_dialog.ts";

/** Asks for the tasks of a ticket. */
export function tasksQuestion(shape: Shape): Question {
  return {
    title: "Which tasks does this ticket solve?",
    text: `Its shape is ${formatShape(shape)}. Give name:inputs:outputs of every task in the order of the columns, such as circles:2:1,moons:2:1.`,
    label: "Tasks",
  };
}

/** Asks for the order of a ticket's layers. */
export function layersQuestion({ problem, layerNames }: Extract<Opened, { kind: "layers-needed" }>): Question {
  return {
    title: "In which order do its layers stand?",
    text: `${problem}. Name them from the inputs to the outputs, separated by commas: ${layerNames.join(", ")}.`,
    label: "Layers",
  };
}
