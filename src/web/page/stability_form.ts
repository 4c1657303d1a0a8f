import { readNumber, readNumbers } from "../../lottery/numbers.ts";
import type { StabilityRequest } from "../protocol.ts";
import { element } from "./dom.ts";
import { levelRange, readField, type StudyForm, textField } from "./study_form.ts";

/** The fields of a measurement of stability. */
export function stabilityForm(): StudyForm<StabilityRequest["choice"]> {
  const levels = textField("stability-levels", "Levels", "such as 3..9; empty: all that each run has finished");
  const copies = textField("copies", "Copies", "copies of each ticket; every two of them have a line");
  const points = textField("points", "Points", "points of a line, both ends among them");
  copies.input.placeholder = "2";
  points.input.placeholder = "30";
  return {
    parts: [element("div", { class: "grid" }, levels.root, copies.root, points.root)],
    inputs: new Map([
      ["levels", levels.input],
      ["copies", copies.input],
      ["points", points.input],
    ]),
    update: ({ runs }) => {
      levels.input.placeholder = levelRange(0, Math.min(...runs.map((run) => run.levels.length)));
    },
    choice: () => ({
      levels: readField("levels", levels.input, readNumbers),
      copies: readField("copies", copies.input, readNumber),
      points: readField("points", points.input, readNumber),
    }),
  };
}
