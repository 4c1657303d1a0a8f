import { element } from "./dom.ts";

/** Shows options, and keeps the chosen one where it is among them. */
export function selectOptions(
  select: HTMLSelectElement,
  options: readonly (readonly [value: string, text: string])[],
): void {
  const shown = JSON.stringify(options);
  if (select.dataset.shown === shown) return;
  select.dataset.shown = shown;
  const { value } = select;
  select.replaceChildren(...options.map(([each, text]) => element("option", { value: each }, text)));
  if (options.some(([each]) => each === value)) select.value = value;
}
