import { element } from "./dom.ts";

/**
 * A control with its label, and a line below it that describes it.
 * @param input with an id
 */
export function labelled(label: string, input: HTMLElement, hint?: string): HTMLElement {
  const field = element("div", { class: "field" }, element("label", { for: input.id }, label), input);
  if (hint) {
    field.append(element("span", { class: "hint", id: `${input.id}-hint` }, hint));
    input.setAttribute("aria-describedby", `${input.id}-hint`);
  }
  return field;
}

/** Marks a control whose value is wrong; the element with the id `reason` says why. */
export function markWrong(input: HTMLElement, reason: string): void {
  input.setAttribute("aria-invalid", "true");
  const hint = hintOf(input);
  input.setAttribute("aria-describedby", hint ? `${hint.id} ${reason}` : reason);
}

/** Takes the mark of {@link markWrong} away. */
export function markRight(input: HTMLElement): void {
  input.removeAttribute("aria-invalid");
  const hint = hintOf(input);
  if (hint) input.setAttribute("aria-describedby", hint.id);
  else input.removeAttribute("aria-describedby");
}

const hintOf = (input: HTMLElement) => input.closest(".field")?.querySelector(".hint");
