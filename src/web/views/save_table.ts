import { element } from "../page/dom.ts";
import { saveFile } from "./figure.ts";

/** A button that saves a table as CSV. */
export function saveButton(label: string, file: string, csv: string): HTMLElement {
  return element(
    "button",
    { type: "button", onclick: () => saveFile(file, new Blob([csv], { type: "text/csv" })) },
    label,
  );
}
